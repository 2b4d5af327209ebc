use super::source::{AccessKeys, AssumedRole, CredentialPlan, CredentialSource, plan};
use super::*;
use crate::text::{Explained, Lang};

struct World {
    variables: BTreeMap<&'static str, &'static str>,
    config: &'static str,
    credentials: &'static str,
}

fn world(
    variables: &[(&'static str, &'static str)],
    config: &'static str,
    credentials: &'static str,
) -> World {
    World { variables: variables.iter().copied().collect(), config, credentials }
}

impl World {
    fn with<T>(&self, ask: impl FnOnce(&HostEnvironment<'_>) -> T) -> T {
        let variable = |name: &str| match name {
            "HOME" => Some("/home/me".to_owned()),
            _ => self.variables.get(name).map(|value| (*value).to_owned()),
        };
        let read = |path: &Path| {
            let text = match path.to_str() {
                Some("/home/me/.aws/config") => self.config,
                Some("/home/me/.aws/credentials") => self.credentials,
                _ => "",
            };
            Ok((!text.is_empty()).then(|| text.as_bytes().to_vec()))
        };
        ask(&HostEnvironment { variable: &variable, read: &read })
    }

    fn read(&self, profile: Option<&str>) -> Result<SharedConfig, SharedConfigError> {
        self.with(|around| SharedConfig::read(profile, around))
    }

    fn plan(&self, profile: Option<&str>) -> Result<CredentialPlan, SharedConfigError> {
        self.with(|around| plan(&SharedConfig::read(profile, around)?, around))
    }

    fn message(&self, profile: Option<&str>) -> [String; 2] {
        let error = self.plan(profile).unwrap_err();
        [Lang::En, Lang::Ja].map(|lang| error.message(lang))
    }
}

fn keys(id: &str) -> CredentialSource {
    CredentialSource::Keys(AccessKeys { id: id.to_owned(), secret: "s".to_owned(), token: None })
}

fn role(name: &str) -> AssumedRole {
    AssumedRole { role_arn: name.to_owned(), external_id: None, session_name: None, duration_seconds: None }
}

const ENVIRONMENT: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "s")];
const DEV: &str = "[dev]\naws_access_key_id = DEV\naws_secret_access_key = s\n";

#[test]
fn a_profile_that_is_named_wins_over_variables() {
    let world = world(&ENVIRONMENT, "", DEV);
    assert_eq!(world.plan(Some("dev")).unwrap().source, keys("DEV"));
    assert_eq!(world.plan(None).unwrap().source, keys("ENV"));
}

#[test]
fn a_profile_of_a_variable_does_not() {
    for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        let mut world = world(&ENVIRONMENT, "", DEV);
        world.variables.insert(name, "dev");
        assert_eq!(world.plan(None).unwrap().source, keys("ENV"));
        world.variables.remove("AWS_ACCESS_KEY_ID");
        assert_eq!(world.plan(None).unwrap().source, keys("DEV"));
    }
}

#[test]
fn a_profile_that_does_not_exist_is_an_error_whatever_names_it() {
    let mut world = world(&ENVIRONMENT, "[profile prod]\nregion = us-east-1\n", DEV);
    let [en, ja] = world.message(Some("nope"));
    assert_eq!(
        en,
        "failed to find the profile \"nope\"\nThe profiles of /home/me/.aws/config and \
         /home/me/.aws/credentials are: dev, prod."
    );
    assert_eq!(
        ja,
        "プロファイル「nope」が存在しない\n/home/me/.aws/config と /home/me/.aws/credentials にある\
         プロファイル: dev, prod。"
    );
    world.variables.insert("AWS_PROFILE", "nope");
    let [en, ja] = world.message(None);
    assert!(en.starts_with("failed to find the profile \"nope\" that AWS_PROFILE names\n"), "{en}");
    assert!(ja.starts_with("環境変数 AWS_PROFILE が指定するプロファイル「nope」が存在しない\n"), "{ja}");
}

#[test]
fn half_of_a_pair_of_keys_stops_the_chain() {
    let alone = world(&[("AWS_ACCESS_KEY_ID", "ENV")], "", DEV);
    let [en, _] = alone.message(None);
    assert!(
        en.starts_with("failed to get AWS credentials: AWS_ACCESS_KEY_ID has an access key without"),
        "{en}"
    );
    let alone = world(&[], "", "[default]\naws_access_key_id = A\n");
    let [en, _] = alone.message(None);
    assert!(en.contains("the profile default has an access key without aws_secret_access_key"), "{en}");
}

#[test]
fn the_order_inside_a_profile_is_that_of_the_aws_cli() {
    let both = world(&[], "[profile dev]\ncredential_process = /bin/get \"a b\"\n", DEV);
    assert_eq!(both.plan(Some("dev")).unwrap().source, keys("DEV"));
    let in_config = world(
        &[],
        "[profile dev]\ncredential_process = /bin/get \"a b\"\naws_access_key_id = A\naws_secret_access_key = s\n",
        "",
    );
    let command = "'/bin/get' 'a b'".to_owned();
    assert_eq!(in_config.plan(Some("dev")).unwrap().source, CredentialSource::Process { command });
    // Without a role, credential_source says nothing.
    let named = world(&[], "[profile dev]\ncredential_source = Ec2InstanceMetadata\n", DEV);
    assert_eq!(named.plan(Some("dev")).unwrap().source, keys("DEV"));
    // The web identity of a pod comes before the keys of the default profile.
    let pod = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), ("AWS_ROLE_ARN", "r")];
    let pod = world(&pod, "", "[default]\naws_access_key_id = A\naws_secret_access_key = s\n");
    assert!(matches!(pod.plan(None).unwrap().source, CredentialSource::WebIdentity { .. }));
    assert_eq!(pod.plan(Some("default")).unwrap().source, keys("A"));
}

#[test]
fn roles_are_assumed_from_the_source_on() {
    let config =
        "[profile a]\nrole_arn = ra\nsource_profile = b\n[profile b]\nrole_arn = rb\nsource_profile = dev\n";
    let plan = world(&ENVIRONMENT, config, DEV).plan(Some("a")).unwrap();
    assert_eq!(plan, CredentialPlan { source: keys("DEV"), roles: vec![role("rb"), role("ra")] });
    let config = "[profile a]\nrole_arn = ra\ncredential_source = Environment\n";
    let plan = world(&ENVIRONMENT, config, "").plan(Some("a")).unwrap();
    assert_eq!(plan, CredentialPlan { source: keys("ENV"), roles: vec![role("ra")] });
}

#[test]
fn profiles_that_lead_nowhere_are_refused() {
    for (config, expected) in [
        ("[profile a]\nrole_arn = r\n", "role_arn without source_profile"),
        ("[profile a]\nrole_arn = r\nsource_profile = b\ncredential_source = Environment\n", "both"),
        (
            "[profile a]\nrole_arn = r\nsource_profile = b\n",
            "the profile b that source_profile names does not",
        ),
        ("[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nregion = x\n", "has no credentials"),
        ("[profile a]\nrole_arn = r\nsource_profile = a\n", "leads back to a"),
        (
            "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = s\nsource_profile = a\n",
            "leads back to a",
        ),
        ("[profile a]\nrole_arn = r\ncredential_source = environment\n", "is not one of"),
        ("[profile a]\nrole_arn = r\ncredential_source = EcsContainer\n", "no credentials in it"),
        ("[profile a]\nrole_arn = r\nsource_profile = a\nmfa_serial = m\n", "multi-factor"),
        ("[profile a]\nweb_identity_token_file = /t\n", "names a role"),
        ("[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n", "[sso-session s]"),
        ("[profile a]\nsso_account_id = 1\nsso_role_name = r\nsso_region = x\n", "without sso_start_url"),
        ("[profile a]\ncredential_process = \"open\n", "a quote is not closed"),
    ] {
        let [en, ja] = world(&[], config, "").message(Some("a"));
        assert!(en.contains(expected), "{config} says {en}");
        assert!(ja.contains("から AWS の認証情報を取得できない: "), "{ja}");
    }
}

#[test]
fn the_files_are_read_as_the_aws_cli_reads_them() {
    let config = "# first\n[default]\nRegion : us-west-2 # no comment\ns3 =\n  max = 1\n\n[profile \"my team\"]\nregion=eu-west-1\n\
                  [preview]\nx = 1\n[profile default]\nregion = us-east-2\n";
    let world = world(&[], config, "[profile dev]\nregion = x\n");
    let shared = world.read(None).unwrap();
    assert_eq!(shared.get("region"), Some("us-east-2"));
    assert_eq!(world.read(Some("my team")).unwrap().get("region"), Some("eu-west-1"));
    // The credentials file has no prefix.
    assert_eq!(world.read(Some("profile dev")).unwrap().get("region"), Some("x"));
}

#[test]
fn a_line_without_meaning_is_named() {
    for (config, line, expected) in [
        ("region = x\n", 1, "before the first section"),
        ("[default]\nregion\n", 2, "neither a section"),
        ("[default]\na = 1\n[default]\nb = 2\n", 3, "a second time"),
        ("[default]\na = 1\nA = 2\n", 3, "the key a stands there a second time"),
        ("[default]\ns3 =\n  max 1\n", 3, "neither a section"),
    ] {
        let [en, ja] = world(&[], config, "").message(None);
        assert!(
            en.contains(&format!("/home/me/.aws/config, line {line}: ")) && en.contains(expected),
            "{en}"
        );
        assert!(ja.contains(&format!("/home/me/.aws/config の {line} 行目")), "{ja}");
    }
}

#[test]
fn the_region_is_that_of_the_variables_or_of_the_profile_alone() {
    let config = "[profile a]\nsource_profile = b\nrole_arn = r\n[profile b]\nregion = us-west-2\n";
    for (variables, profile, expected) in [
        (vec![], "b", Some("us-west-2")),
        (vec![], "a", None),
        (vec![("AWS_DEFAULT_REGION", "eu-west-1")], "b", Some("eu-west-1")),
        (vec![("AWS_DEFAULT_REGION", "eu-west-1"), ("AWS_REGION", "eu-west-2")], "b", Some("eu-west-2")),
        (vec![("AWS_REGION", "")], "b", Some("us-west-2")),
    ] {
        let world = world(&variables, config, "");
        let shared = world.read(Some(profile)).unwrap();
        assert_eq!(world.with(|around| shared.region(around)).as_deref(), expected, "{variables:?}");
    }
}

#[test]
fn settings_hold_everything_but_credentials() {
    let config = "[profile a]\nendpoint_url = http://e\nservices = mine\naws_access_key_id = A\nrole_arn = r\n\
                  sso_region = x\ns3 =\n  a = 1\n[services mine]\nsts =\n  endpoint_url = http://s\n";
    let shared = world(&[], config, "").read(Some("a")).unwrap();
    let expected = "[default]\nendpoint_url = http://e\nservices = all\n[services all]\nsts =\n  endpoint_url = http://s\n";
    assert_eq!(shared.settings("").unwrap(), expected);
    let missing = world(&[], "[profile a]\nservices = mine\n", "").read(Some("a")).unwrap();
    assert!(matches!(missing.settings(""), Err(SharedConfigError::UnknownServices { .. })));
}
