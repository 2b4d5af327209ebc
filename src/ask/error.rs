//! What makes a scan impossible, and what to do about it.

use crate::recording::RecordingError;
use crate::text::Explained;

/// Why there is no snapshot at all. The text fits after "failed to"; [`CollectError::text`]
/// and [`CollectError::hint`] give whole sentences in both languages.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// No source of credentials had any.
    #[error("find AWS credentials")]
    NoCredentials,
    /// The profile that was asked for does not exist or leads to no credentials.
    #[error("find credentials in the profile {profile}")]
    NoCredentialsInProfile {
        /// The profile.
        profile: String,
    },
    /// The source of credentials (a metadata service, a process, SSO) did not answer in time.
    #[error("get AWS credentials: their source did not answer in time")]
    CredentialsTimedOut,
    /// A source of credentials failed, for instance because an SSO session ended.
    #[error("get AWS credentials: the last source that was tried gave none")]
    NoCredentialsFromSource,
    /// The AWS configuration cannot be used.
    #[error("get AWS credentials: {reason}")]
    BrokenCredentials {
        /// What is wrong, in the words of the configuration reader.
        reason: String,
    },
    /// The operating system gives no random numbers for the key of the fingerprints.
    #[error("get random numbers from the operating system")]
    NoRandomness,
    /// The role could not be assumed.
    #[error("assume the role {} ({code})", role_arn.as_deref().unwrap_or("of the profile"))]
    RoleRefused {
        /// The role; `None` for the one that the profile names.
        role_arn: Option<String>,
        /// AWS's error code.
        code: String,
    },
    /// AWS does not accept the credentials: expired, deactivated or mistyped.
    #[error("sign in to AWS: the credentials were refused ({code})")]
    CredentialsRefused {
        /// AWS's error code.
        code: String,
    },
    /// `GetCallerIdentity` got no usable answer.
    #[error("ask AWS whose credentials these are ({code})")]
    NoIdentity {
        /// AWS's error code, or what happened.
        code: String,
    },
    /// No region was given anywhere.
    #[error("choose a region: none was given and none is configured")]
    NoRegion,
    /// A region that does not exist, or that the recorded account does not have.
    #[error("find the region {region}")]
    UnknownRegion {
        /// What was asked for.
        region: String,
        /// The regions there are; empty when AWS would not list them.
        known: Vec<String>,
    },
    /// A region that exists but is not enabled for the account.
    #[error("use the region {region}: it is not enabled for this account")]
    RegionNotEnabled {
        /// The region.
        region: String,
    },
    /// `all` was asked for, but AWS would not list the regions.
    #[error("list the account's regions ({code})")]
    NoRegionList {
        /// AWS's error code, or what happened.
        code: String,
    },
    /// A recorded account that cannot be read or written.
    #[error(transparent)]
    Recording(#[from] RecordingError),
}

impl CollectError {
    /// What happened, as a sentence without its full stop.
    pub fn text(&self, is_japanese: bool) -> String {
        if is_japanese { self.text_ja() } else { format!("failed to {self}") }
    }

    fn text_ja(&self) -> String {
        match self {
            CollectError::NoCredentials => "AWS の認証情報が見つからない".to_owned(),
            CollectError::NoCredentialsInProfile { profile } => {
                format!("プロファイル {profile} に認証情報が見つからない")
            }
            CollectError::CredentialsTimedOut => {
                "AWS の認証情報を取得できない: 提供元が時間内に応答しなかった".to_owned()
            }
            CollectError::NoCredentialsFromSource => {
                "AWS の認証情報を取得できない: 最後に試した提供元が認証情報を返さなかった".to_owned()
            }
            CollectError::BrokenCredentials { reason } => format!("AWS の認証情報を取得できない: {reason}"),
            CollectError::NoRandomness => "OS から乱数を取得できない".to_owned(),
            CollectError::RoleRefused { role_arn: Some(role_arn), code } => {
                format!("ロール {role_arn} を引き受けられない ({code})")
            }
            CollectError::RoleRefused { role_arn: None, code } => {
                format!("プロファイルが指定するロールを引き受けられない ({code})")
            }
            CollectError::CredentialsRefused { code } => {
                format!("AWS が認証情報を受け付けない ({code})")
            }
            CollectError::NoIdentity { code } => {
                format!("認証情報の持ち主を AWS に確認できない ({code})")
            }
            CollectError::NoRegion => "リージョンが指定も設定もされていない".to_owned(),
            CollectError::UnknownRegion { region, .. } => format!("リージョン {region} は存在しない"),
            CollectError::RegionNotEnabled { region } => {
                format!("リージョン {region} はこのアカウントで有効化されていない")
            }
            CollectError::NoRegionList { code } => {
                format!("アカウントのリージョン一覧を取得できない ({code})")
            }
            CollectError::Recording(error) => error.what().ja,
        }
    }

    /// What to do next.
    pub fn hint(&self, is_japanese: bool) -> String {
        if is_japanese { self.hint_ja() } else { self.hint_en() }
    }

    fn hint_en(&self) -> String {
        match self {
            CollectError::NoCredentials => "tenken signs in as the AWS CLI does: set AWS_PROFILE, or run \
                `aws configure` or `aws sso login`. To see a report without an account, run \
                `tenken scan --replay mocks/ec-site`."
                .to_owned(),
            CollectError::NoRandomness => {
                "Run tenken where /dev/urandom or getrandom is available.".to_owned()
            }
            CollectError::NoCredentialsInProfile { .. }
            | CollectError::CredentialsTimedOut
            | CollectError::NoCredentialsFromSource
            | CollectError::BrokenCredentials { .. } => "Check --profile, AWS_PROFILE and ~/.aws/config; \
                `aws sts get-caller-identity` reads the same settings. SSO sessions end: \
                `aws sso login` starts a new one."
                .to_owned(),
            CollectError::RoleRefused { .. } => "The role's trust policy must name the caller \
                (`aws sts get-caller-identity` shows it) and the external id, and the caller needs \
                sts:AssumeRole for the role."
                .to_owned(),
            CollectError::CredentialsRefused { .. } => "They have expired, were deactivated or belong to \
                another partition. Sign in again (`aws sso login`) or set new keys (`aws configure`)."
                .to_owned(),
            CollectError::NoIdentity { .. } => {
                "sts:GetCallerIdentity needs no permission; check the network, proxy and --endpoint-url."
                    .to_owned()
            }
            CollectError::NoRegion => "Give --region ap-northeast-1, --region all, or set AWS_REGION or the \
                region of the profile."
                .to_owned(),
            CollectError::UnknownRegion { known, .. } if known.is_empty() => {
                "Regions are written like ap-northeast-1.".to_owned()
            }
            CollectError::UnknownRegion { known, .. } => format!("There are: {}.", known.join(", ")),
            CollectError::RegionNotEnabled { region } => format!(
                "Enable it with `aws account enable-region --region-name {region}`, or leave it out: \
                 nothing can run in it."
            ),
            CollectError::NoRegionList { .. } => "Allow ec2:DescribeRegions, or name the regions with \
                --region."
                .to_owned(),
            CollectError::Recording(error) => error.hint().en,
        }
    }

    fn hint_ja(&self) -> String {
        match self {
            CollectError::NoCredentials => "tenken は AWS CLI と同じ方法で認証情報を探す。AWS_PROFILE を設定\
                するか、`aws configure` または `aws sso login` を実行する。アカウントなしで試すには \
                `tenken scan --replay mocks/ec-site` を実行する。"
                .to_owned(),
            CollectError::NoRandomness => "/dev/urandom または getrandom を使える環境で実行する。".to_owned(),
            CollectError::NoCredentialsInProfile { .. }
            | CollectError::CredentialsTimedOut
            | CollectError::NoCredentialsFromSource
            | CollectError::BrokenCredentials { .. } => "--profile、AWS_PROFILE、~/.aws/config を確認する。\
                `aws sts get-caller-identity` も同じ設定を読む。SSO セッションが切れている場合は \
                `aws sso login` で開始し直す。"
                .to_owned(),
            CollectError::RoleRefused { .. } => "ロールの信頼ポリシーが呼び出し元 \
                (`aws sts get-caller-identity` で確認できる) と外部 ID を許可していること、呼び出し元に \
                sts:AssumeRole があることを確認する。"
                .to_owned(),
            CollectError::CredentialsRefused { .. } => "期限切れ、無効化、または別パーティションの認証情報で\
                ある。`aws sso login` でサインインし直すか、`aws configure` で新しいキーを設定する。"
                .to_owned(),
            CollectError::NoIdentity { .. } => "sts:GetCallerIdentity に権限は不要。ネットワーク、プロキシ、\
                --endpoint-url を確認する。"
                .to_owned(),
            CollectError::NoRegion => {
                "--region ap-northeast-1 や --region all を指定するか、AWS_REGION または\
                プロファイルのリージョンを設定する。"
                    .to_owned()
            }
            CollectError::UnknownRegion { known, .. } if known.is_empty() => {
                "リージョンは ap-northeast-1 のように書く。".to_owned()
            }
            CollectError::UnknownRegion { known, .. } => {
                format!("指定できるリージョン: {}。", known.join(", "))
            }
            CollectError::RegionNotEnabled { region } => format!(
                "`aws account enable-region --region-name {region}` で有効化するか、指定から外す。\
                 有効化されていないリージョンでは何も稼働できない。"
            ),
            CollectError::NoRegionList { .. } => {
                "ec2:DescribeRegions を許可するか、--region でリージョンを指定する。".to_owned()
            }
            CollectError::Recording(error) => error.hint().ja,
        }
    }
}
