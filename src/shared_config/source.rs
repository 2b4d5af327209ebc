//! Where credentials come from: the chain of the AWS CLI, in its order. botocore's
//! `create_credential_resolver` is the original.

use super::problem::SharedConfigError;
use super::{HostEnvironment, ProfileValues, SharedConfig, shell};
use crate::text::Text;
use std::fmt;
use std::path::PathBuf;

/// An access key. Its secret parts are in no debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKeys {
    /// The access key id.
    pub id: String,
    /// The secret access key.
    pub secret: String,
    /// The session token, of temporary credentials.
    pub token: Option<String>,
}

impl fmt::Debug for AccessKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AccessKeys").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What gives the first credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// Variables, a profile or an old file hold them.
    Keys(AccessKeys),
    /// IAM Identity Center, with the token that `aws sso login` stored.
    Sso {
        /// The section `sso-session`, where there is one.
        session: Option<String>,
        /// Where people sign in.
        start_url: String,
        /// The region of IAM Identity Center.
        region: String,
        /// The account.
        account_id: String,
        /// The permission set.
        role_name: String,
    },
    /// A session of `aws login`.
    Login {
        /// Whose session it is.
        session: String,
    },
    /// A program prints them.
    Process {
        /// The program and its arguments, quoted for `sh`.
        command: String,
    },
    /// A token of another identity provider.
    WebIdentity {
        /// The role.
        role_arn: String,
        /// Where the token is.
        token_file: PathBuf,
        /// The name of the session, where one is given.
        session_name: Option<String>,
    },
    /// The address that AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI names.
    Container,
    /// The metadata service of an EC2 instance.
    InstanceMetadata,
}

/// A role that the profile has assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedRole {
    /// The role.
    pub role_arn: String,
    /// The external id that its trust policy asks for.
    pub external_id: Option<String>,
    /// The name of the session, where one is given.
    pub session_name: Option<String>,
    /// How long its credentials last.
    pub duration_seconds: Option<u32>,
}

/// First credentials, and the roles that are assumed with them, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialPlan {
    /// What gives the first credentials.
    pub source: CredentialSource,
    /// The roles, in the order in which they are assumed.
    pub roles: Vec<AssumedRole>,
}

/// Whether a key of a profile is about credentials, and not a setting of the SDK.
pub(super) fn is_about_credentials(key: &str) -> bool {
    let others = [
        "credential_process",
        "credential_source",
        "duration_seconds",
        "external_id",
        "login_session",
        "mfa_serial",
        "role_arn",
        "role_session_name",
        "source_profile",
        "web_identity_token_file",
    ];
    key.starts_with("sso_") || key.starts_with("aws_") || others.contains(&key)
}

const SESSION_TOKENS: [&str; 2] = ["aws_security_token", "aws_session_token"];

/// Where the credentials of the chosen profile come from.
///
/// # Errors
/// What the AWS CLI would refuse as well, and multi-factor authentication, which would ask somebody for a code.
pub fn plan(
    shared: &SharedConfig,
    around: &HostEnvironment<'_>,
) -> Result<CredentialPlan, SharedConfigError> {
    let chain = Chain { shared, around };
    if !shared.is_explicit
        && let Some(keys) = chain.environment()?
    {
        return Ok(CredentialPlan { source: CredentialSource::Keys(keys), roles: Vec::new() });
    }
    let profile = shared.profile.as_str();
    if shared.values(profile).is_some_and(has_role) {
        return chain.assume(profile, &mut vec![profile.to_owned()]);
    }
    let source = match chain.of_profile(profile, shared.is_explicit)? {
        Some(source) => source,
        None => match chain.old_files()? {
            Some(keys) => CredentialSource::Keys(keys),
            None if chain.has_container() => CredentialSource::Container,
            None => CredentialSource::InstanceMetadata,
        },
    };
    Ok(CredentialPlan { source, roles: Vec::new() })
}

struct Chain<'a> {
    shared: &'a SharedConfig,
    around: &'a HostEnvironment<'a>,
}

fn has_role(values: &ProfileValues) -> bool {
    values.contains_key("role_arn") && !values.contains_key("web_identity_token_file")
}

fn has_keys(values: &ProfileValues) -> bool {
    values.contains_key("aws_access_key_id") || values.contains_key("aws_secret_access_key")
}

fn keys_of(values: &ProfileValues, place: &str) -> Result<Option<AccessKeys>, SharedConfigError> {
    let Some(id) = values.get("aws_access_key_id") else {
        return Ok(None);
    };
    let Some(secret) = values.get("aws_secret_access_key") else {
        return Err(SharedConfigError::HalfOfTheKeys {
            place: place.to_owned(),
            missing: "aws_secret_access_key",
        });
    };
    let token = SESSION_TOKENS.iter().find_map(|name| values.get(*name)).filter(|token| !token.is_empty());
    Ok(Some(AccessKeys { id: id.clone(), secret: secret.clone(), token: token.cloned() }))
}

fn refused(profile: &str, reason: Text, hint: Text) -> SharedConfigError {
    SharedConfigError::Profile { profile: profile.to_owned(), reason, hint }
}

/// A mistake in a profile that only its reason needs to say.
fn mistaken(profile: &str, en: String, ja: String) -> SharedConfigError {
    let hint = Text::new(
        "`aws sts get-caller-identity` reads the same settings and refuses them too.",
        "`aws sts get-caller-identity` も同じ設定を読み、同様に失敗する。",
    );
    refused(profile, Text::new(en, ja), hint)
}

impl Chain<'_> {
    fn filled(&self, name: &str) -> Option<String> {
        (self.around.variable)(name).filter(|value| !value.is_empty())
    }

    fn environment(&self) -> Result<Option<AccessKeys>, SharedConfigError> {
        let Some(id) = self.filled("AWS_ACCESS_KEY_ID") else {
            return Ok(None);
        };
        let Some(secret) = self.filled("AWS_SECRET_ACCESS_KEY") else {
            return Err(SharedConfigError::HalfOfTheKeys {
                place: "AWS_ACCESS_KEY_ID".to_owned(),
                missing: "AWS_SECRET_ACCESS_KEY",
            });
        };
        let token = self.filled("AWS_SECURITY_TOKEN").or_else(|| self.filled("AWS_SESSION_TOKEN"));
        Ok(Some(AccessKeys { id, secret, token }))
    }

    fn has_container(&self) -> bool {
        ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]
            .iter()
            .any(|name| (self.around.variable)(name).is_some())
    }

    /// What a profile itself has, roles left out.
    fn of_profile(
        &self,
        profile: &str,
        is_alone: bool,
    ) -> Result<Option<CredentialSource>, SharedConfigError> {
        let empty = ProfileValues::new();
        let values = self.shared.values(profile).unwrap_or(&empty);
        if let Some(source) = self.web_identity(profile, values, is_alone)? {
            return Ok(Some(source));
        }
        if let Some(source) = self.sso(profile, values)? {
            return Ok(Some(source));
        }
        let place = format!("the profile {profile}");
        if let Some(values) = self.shared.credentials_profiles.get(profile)
            && let Some(keys) = keys_of(values, &place)?
        {
            return Ok(Some(CredentialSource::Keys(keys)));
        }
        if let Some(session) = values.get("login_session") {
            return Ok(Some(CredentialSource::Login { session: session.clone() }));
        }
        if let Some(command) = values.get("credential_process") {
            let Some(words) = shell::split(command).filter(|words| !words.is_empty()) else {
                return Err(mistaken(
                    profile,
                    "credential_process is no command: it is empty, or a quote is not closed".to_owned(),
                    "credential_process がコマンドになっていない (空であるか、引用符が閉じていない)"
                        .to_owned(),
                ));
            };
            return Ok(Some(CredentialSource::Process { command: shell::join(&words) }));
        }
        let Some(values) = self.shared.config_profiles.get(profile) else {
            return Ok(None);
        };
        Ok(keys_of(values, &place)?.map(CredentialSource::Keys))
    }

    fn web_identity(
        &self,
        profile: &str,
        values: &ProfileValues,
        is_alone: bool,
    ) -> Result<Option<CredentialSource>, SharedConfigError> {
        let get = |variable: &str, key: &str| {
            let of_variable = if is_alone { None } else { (self.around.variable)(variable) };
            of_variable.or_else(|| values.get(key).cloned())
        };
        let token_file = get("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
        let Some(token_file) = token_file.filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        let Some(role_arn) = get("AWS_ROLE_ARN", "role_arn").filter(|role| !role.is_empty()) else {
            return Err(mistaken(
                profile,
                "there is a web identity token, but neither role_arn nor AWS_ROLE_ARN names a role"
                    .to_owned(),
                "Web ID トークンがあるが、role_arn も AWS_ROLE_ARN もロールを指定していない".to_owned(),
            ));
        };
        let session_name = get("AWS_ROLE_SESSION_NAME", "role_session_name");
        Ok(Some(CredentialSource::WebIdentity {
            role_arn,
            token_file: PathBuf::from(token_file),
            session_name,
        }))
    }

    fn sso(
        &self,
        profile: &str,
        values: &ProfileValues,
    ) -> Result<Option<CredentialSource>, SharedConfigError> {
        if !values.contains_key("sso_role_name") && !values.contains_key("sso_account_id") {
            return Ok(None);
        }
        let mut values = values.clone();
        let session = values.get("sso_session").cloned();
        if let Some(session) = &session {
            let Some(of_session) = self.shared.sso_sessions.get(session) else {
                return Err(mistaken(
                    profile,
                    format!("the section [sso-session {session}] that it names does not exist"),
                    format!("指定されているセクション [sso-session {session}] が存在しない"),
                ));
            };
            for (key, value) in of_session {
                if values.get(key).is_some_and(|own| own != value) {
                    return Err(mistaken(
                        profile,
                        format!("{key} differs from that of [sso-session {session}]"),
                        format!("{key} が [sso-session {session}] の値と一致しない"),
                    ));
                }
                values.insert(key.clone(), value.clone());
            }
        }
        let get = |key: &str| match values.get(key) {
            Some(value) => Ok(value.clone()),
            None => Err(mistaken(
                profile,
                format!("it uses IAM Identity Center without {key}"),
                format!("IAM Identity Center を使用しているが {key} がない"),
            )),
        };
        Ok(Some(CredentialSource::Sso {
            role_name: get("sso_role_name")?,
            account_id: get("sso_account_id")?,
            start_url: get("sso_start_url")?,
            region: get("sso_region")?,
            session,
        }))
    }

    /// The role of a profile, and where the credentials for it come from.
    fn assume(&self, profile: &str, visited: &mut Vec<String>) -> Result<CredentialPlan, SharedConfigError> {
        let empty = ProfileValues::new();
        let values = self.shared.values(profile).unwrap_or(&empty);
        if values.contains_key("mfa_serial") {
            return Err(refused(
                profile,
                Text::new(
                    "its role asks for a code of multi-factor authentication (mfa_serial), and tenken asks nobody",
                    "ロールに多要素認証のコード (mfa_serial) が必要だが、tenken はコードの入力を求めない",
                ),
                Text::new(
                    format!(
                        "Give it credentials that the AWS CLI has got: \
                         `eval \"$(aws configure export-credentials --profile {profile} --format env)\"` (AWS \
                         CLI v2), then run tenken without --profile and AWS_PROFILE."
                    ),
                    format!(
                        "AWS CLI v2 で取得した認証情報を渡す。\
                         `eval \"$(aws configure export-credentials --profile {profile} --format env)\"` を実行し、\
                         --profile と AWS_PROFILE を指定せずに tenken を実行する。"
                    ),
                ),
            ));
        }
        let role = AssumedRole {
            role_arn: values.get("role_arn").cloned().unwrap_or_default(),
            external_id: values.get("external_id").cloned(),
            session_name: values.get("role_session_name").cloned(),
            duration_seconds: values.get("duration_seconds").and_then(|text| text.trim().parse().ok()),
        };
        let mut plan = match (values.get("source_profile"), values.get("credential_source")) {
            (Some(_), Some(_)) => {
                return Err(mistaken(
                    profile,
                    "it has both source_profile and credential_source".to_owned(),
                    "source_profile と credential_source の両方がある".to_owned(),
                ));
            }
            (None, None) => {
                return Err(mistaken(
                    profile,
                    "it has role_arn without source_profile or credential_source".to_owned(),
                    "role_arn があるが source_profile も credential_source もない".to_owned(),
                ));
            }
            (None, Some(name)) => CredentialPlan { source: self.named(profile, name)?, roles: Vec::new() },
            (Some(source), None) => self.of_source_profile(profile, source, visited)?,
        };
        plan.roles.push(role);
        Ok(plan)
    }

    fn of_source_profile(
        &self,
        profile: &str,
        source: &str,
        visited: &mut Vec<String>,
    ) -> Result<CredentialPlan, SharedConfigError> {
        let Some(values) = self.shared.values(source) else {
            return Err(mistaken(
                profile,
                format!("the profile {source} that source_profile names does not exist"),
                format!("source_profile が指定するプロファイル {source} が存在しない"),
            ));
        };
        let is_itself_with_keys = source == profile && has_keys(values);
        if visited.iter().any(|name| name == source) && !is_itself_with_keys {
            return Err(mistaken(
                profile,
                format!("source_profile leads back to {source}"),
                format!("source_profile が循環している ({source} に戻る)"),
            ));
        }
        visited.push(source.to_owned());
        if !has_keys(values) && has_role(values) {
            return self.assume(source, visited);
        }
        match self.of_profile(source, true)? {
            Some(source) => Ok(CredentialPlan { source, roles: Vec::new() }),
            None => Err(mistaken(
                profile,
                format!("the profile {source} that source_profile names has no credentials"),
                format!("source_profile が指定するプロファイル {source} に認証情報がない"),
            )),
        }
    }

    fn named(&self, profile: &str, name: &str) -> Result<CredentialSource, SharedConfigError> {
        let nothing = || {
            mistaken(
                profile,
                format!("credential_source = {name}, but there are no credentials in it"),
                format!("credential_source = {name} だが、そこに認証情報がない"),
            )
        };
        match name {
            "Environment" => self.environment()?.map(CredentialSource::Keys).ok_or_else(nothing),
            "EcsContainer" if self.has_container() => Ok(CredentialSource::Container),
            "EcsContainer" => Err(nothing()),
            "Ec2InstanceMetadata" => Ok(CredentialSource::InstanceMetadata),
            _ => Err(mistaken(
                profile,
                format!(
                    "credential_source = {name} is not one of Environment, EcsContainer, Ec2InstanceMetadata"
                ),
                format!(
                    "credential_source = {name} は Environment、EcsContainer、Ec2InstanceMetadata のいずれでもない"
                ),
            )),
        }
    }

    /// Keys in the files of tools that came before the AWS CLI, which it still reads.
    fn old_files(&self) -> Result<Option<AccessKeys>, SharedConfigError> {
        let read = |path: &PathBuf| {
            let bytes = (self.around.read)(path)
                .map_err(|reason| SharedConfigError::UnreadableFile { file: path.clone(), reason })?;
            Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
        };
        if let Some(path) = (self.around.variable)("AWS_CREDENTIAL_FILE") {
            let text = read(&self.around.expand(&path))?.unwrap_or_default();
            let lines = text.lines().filter_map(|line| line.split_once('='));
            let values: ProfileValues =
                lines.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect();
            if let (Some(id), Some(secret)) = (values.get("AWSAccessKeyId"), values.get("AWSSecretKey")) {
                return Ok(Some(AccessKeys { id: id.clone(), secret: secret.clone(), token: None }));
            }
        }
        let files = match (self.around.variable)("BOTO_CONFIG") {
            Some(path) => vec![path],
            None => vec!["/etc/boto.cfg".to_owned(), "~/.boto".to_owned()],
        };
        for path in files {
            let path = self.around.expand(&path);
            let Some(text) = read(&path)? else {
                continue;
            };
            let sections = super::file::read(&path, &text)?;
            let Some((_, values)) = sections.into_iter().find(|(name, _)| name == "Credentials") else {
                continue;
            };
            if let Some(keys) = keys_of(&values, &path.display().to_string())? {
                return Ok(Some(AccessKeys { token: None, ..keys }));
            }
        }
        Ok(None)
    }
}
