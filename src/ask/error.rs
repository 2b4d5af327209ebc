//! What makes a scan impossible, and what to do about it.

use crate::recording::RecordingError;
use crate::shared_config::SharedConfigError;
use crate::snapshot::Cause;
use crate::text::{Explained, Text};

/// Why there is not a snapshot at all.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum CollectError {
    /// No source of credentials had any.
    NoCredentials,
    /// The profile that was asked for does not exist or leads to no credentials.
    NoCredentialsInProfile {
        /// The profile.
        profile: String,
    },
    /// The source of credentials (a metadata service, a process, SSO) did not answer in time.
    CredentialsTimedOut,
    /// A source of credentials failed, for instance because an SSO session ended.
    NoCredentialsFromSource,
    /// The AWS configuration cannot be used.
    BrokenCredentials {
        /// What is wrong, in the words of the configuration reader.
        reason: String,
    },
    /// The operating system gives no random numbers for the key of the fingerprints.
    NoRandomness,
    /// The role could not be assumed.
    RoleRefused {
        /// The role; `None` for the one that the profile names.
        role_arn: Option<String>,
        /// AWS's error code.
        code: String,
    },
    /// AWS does not accept the credentials: expired, deactivated or mistyped.
    CredentialsRefused {
        /// AWS's error code.
        code: String,
    },
    /// `GetCallerIdentity` got no usable answer.
    NoIdentity {
        /// AWS's error code, or what happened.
        code: String,
    },
    /// No region was given anywhere.
    NoRegion,
    /// A region that does not exist, or that the recorded account does not have.
    UnknownRegion {
        /// What was asked for.
        region: String,
        /// The regions there are; empty when AWS would not list them.
        known: Vec<String>,
    },
    /// A region that exists but is not enabled for the account.
    RegionNotEnabled {
        /// The region.
        region: String,
    },
    /// The scan's time was up before what opens it was answered.
    OpeningTimedOut {
        /// What was asked, `service:Operation`.
        operation: &'static str,
    },
    /// `all` was asked for, but AWS would not list the regions.
    NoRegionList {
        /// The kind of reason.
        cause: Cause,
        /// AWS's error code, or what happened.
        code: String,
    },
    /// The AWS configuration, a proxy or a file of certificates cannot be used.
    SharedConfig(#[from] SharedConfigError),
    /// Nothing that is trusted vouches for a certificate.
    UntrustedCertificate {
        /// Whose it is.
        host: String,
        /// The variable that names that host, where it is a proxy.
        variable: Option<String>,
        /// Who issued it, where that is known.
        issuer: Option<String>,
        /// What is wrong with it.
        distrust: Distrust,
    },
    /// A proxy lets nothing through.
    ProxyRefused {
        /// Who was asked.
        host: String,
        /// The variable that names the proxy.
        variable: String,
    },
    /// Nobody can connect to a proxy.
    ProxyUnreachable {
        /// The variable that names it.
        variable: String,
    },
    /// A recorded account that cannot be read or written.
    Recording(#[from] RecordingError),
}

/// What is wrong with a certificate that is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// Nobody who is trusted issued it.
    Issuer,
    /// It is for another name or another time, whoever issued it.
    Misfit,
    /// It is one of an authority, which cannot be a server's as well.
    Authority,
}

impl Explained for CollectError {
    fn what(&self) -> Text {
        match self {
            CollectError::NoCredentials => Text::new("find AWS credentials", "AWS の認証情報が見つからない"),
            CollectError::NoCredentialsInProfile { profile } => Text::new(
                format!("find credentials in the profile {profile}"),
                format!("プロファイル {profile} に認証情報が見つからない"),
            ),
            CollectError::CredentialsTimedOut => Text::new(
                "get AWS credentials: their source did not answer in time",
                "AWS の認証情報を取得できない: 提供元が時間内に応答しなかった",
            ),
            CollectError::NoCredentialsFromSource => Text::new(
                "get AWS credentials: the last source that was tried gave none",
                "AWS の認証情報を取得できない: 最後に試した提供元が認証情報を返さなかった",
            ),
            CollectError::BrokenCredentials { reason } => Text::new(
                format!("get AWS credentials: {reason}"),
                format!("AWS の認証情報を取得できない: {reason}"),
            ),
            CollectError::NoRandomness => {
                Text::new("get random numbers from the operating system", "OS から乱数を取得できない")
            }
            CollectError::RoleRefused { role_arn: Some(role_arn), code } => Text::new(
                format!("assume the role {role_arn} ({code})"),
                format!("ロール {role_arn} を引き受けられない ({code})"),
            ),
            CollectError::RoleRefused { role_arn: None, code } => Text::new(
                format!("assume the role of the profile ({code})"),
                format!("プロファイルが指定するロールを引き受けられない ({code})"),
            ),
            CollectError::CredentialsRefused { code } => Text::new(
                format!("sign in to AWS: the credentials were refused ({code})"),
                format!("AWS が認証情報を受け付けない ({code})"),
            ),
            CollectError::NoIdentity { code } => Text::new(
                format!("ask AWS whose credentials these are ({code})"),
                format!("認証情報の持ち主を AWS に確認できない ({code})"),
            ),
            CollectError::NoRegion => Text::new(
                "choose a region: none was given and none is configured",
                "リージョンが指定も設定もされていない",
            ),
            CollectError::UnknownRegion { region, .. } => {
                Text::new(format!("find the region {region}"), format!("リージョン {region} は存在しない"))
            }
            CollectError::RegionNotEnabled { region } => Text::new(
                format!("use the region {region}: it is not enabled for this account"),
                format!("リージョン {region} はこのアカウントで有効化されていない"),
            ),
            CollectError::OpeningTimedOut { operation } => Text::new(
                format!("begin the scan: its time was up before {operation} was answered"),
                format!("スキャンを開始できない: {operation} の応答前に制限時間に達した"),
            ),
            CollectError::NoRegionList { cause, code } => {
                let words = cause.words();
                Text::new(
                    format!("list the account's regions with ec2:DescribeRegions: {} ({code})", words.en),
                    format!(
                        "ec2:DescribeRegions でアカウントのリージョン一覧を取得できない: {} ({code})",
                        words.ja
                    ),
                )
            }
            CollectError::SharedConfig(error) => error.what(),
            CollectError::UntrustedCertificate { host, variable, issuer, .. } => {
                let (en, ja) = match issuer {
                    Some(issuer) => (format!(" (issuer: {issuer})"), format!(" (発行者: {issuer})")),
                    None => (String::new(), String::new()),
                };
                let (host_en, host_ja) = match variable {
                    Some(name) => {
                        (format!("the proxy {host} ({name})"), format!("環境変数 {name} のプロキシ {host}"))
                    }
                    None => (host.clone(), host.clone()),
                };
                Text::new(
                    format!("connect to AWS: the certificate of {host_en} is not trusted{en}"),
                    format!("AWS に接続できない: {host_ja} の証明書を信頼できない{ja}"),
                )
            }
            CollectError::ProxyUnreachable { variable } => Text::new(
                format!("connect to AWS: the proxy of {variable} cannot be reached"),
                format!("AWS に接続できない: 環境変数 {variable} のプロキシに接続できない"),
            ),
            CollectError::ProxyRefused { host, variable } => Text::new(
                format!("connect to AWS: the proxy of {variable} refused a connection to {host}"),
                format!("AWS に接続できない: 環境変数 {variable} のプロキシが {host} への接続を拒否した"),
            ),
            CollectError::Recording(error) => error.what(),
        }
    }

    fn hint(&self) -> Option<Text> {
        Some(match self {
            CollectError::NoCredentials => Text::new(
                "tenken signs in as the AWS CLI does: set AWS_PROFILE, or run `aws configure` or \
                 `aws sso login`. To see a report without an account, run \
                 `tenken scan --replay mocks/ec-site`.",
                "tenken は AWS CLI と同じ方法で認証情報を探す。AWS_PROFILE を設定するか、`aws configure` \
                 または `aws sso login` を実行する。アカウントなしで試すには \
                 `tenken scan --replay mocks/ec-site` を実行する。",
            ),
            CollectError::NoRandomness => Text::new(
                "Run tenken where /dev/urandom or getrandom is available.",
                "/dev/urandom または getrandom を使える環境で実行する。",
            ),
            CollectError::NoCredentialsInProfile { .. }
            | CollectError::CredentialsTimedOut
            | CollectError::NoCredentialsFromSource
            | CollectError::BrokenCredentials { .. } => Text::new(
                "Check --profile, AWS_PROFILE and ~/.aws/config; `aws sts get-caller-identity` reads the \
                 same settings. SSO sessions expire: `aws sso login` starts a new one.",
                "--profile、AWS_PROFILE、~/.aws/config を確認する。`aws sts get-caller-identity` も同じ設定を\
                 読む。SSO セッションが切れている場合は `aws sso login` で開始し直す。",
            ),
            CollectError::RoleRefused { .. } => Text::new(
                "The role's trust policy must name the caller (`aws sts get-caller-identity` shows it) and \
                 the external id, and the caller needs sts:AssumeRole for the role.",
                "ロールの信頼ポリシーが呼び出し元 (`aws sts get-caller-identity` で確認できる) と外部 ID を許可\
                 していること、呼び出し元に sts:AssumeRole があることを確認する。",
            ),
            CollectError::CredentialsRefused { .. } => Text::new(
                "They have expired, were deactivated or belong to another partition. Sign in again \
                 (`aws sso login`) or set new keys (`aws configure`).",
                "期限切れ、無効化、または別パーティションの認証情報である。`aws sso login` でサインインし直すか、\
                 `aws configure` で新しいキーを設定する。",
            ),
            CollectError::NoIdentity { .. } => Text::new(
                "sts:GetCallerIdentity needs no permission; check the network, proxy and --endpoint-url.",
                "sts:GetCallerIdentity に権限は不要。ネットワーク、プロキシ、--endpoint-url を確認する。",
            ),
            CollectError::NoRegion => Text::new(
                "Give --region ap-northeast-1, --region all, or set AWS_REGION or the region of the profile.",
                "--region ap-northeast-1 や --region all を指定するか、AWS_REGION またはプロファイルのリージョンを\
                 設定する。",
            ),
            CollectError::UnknownRegion { known, .. } if known.is_empty() => Text::new(
                "Regions are written like ap-northeast-1; --region, AWS_REGION or the profile names this one.",
                "リージョンは ap-northeast-1 のように書く。この名前は --region、AWS_REGION、プロファイルのいずれかで\
                 指定されている。",
            ),
            CollectError::UnknownRegion { known, .. } => {
                let known = known.join(", ");
                Text::new(format!("The regions are: {known}."), format!("指定できるリージョン: {known}。"))
            }
            CollectError::RegionNotEnabled { region } => Text::new(
                format!(
                    "Enable it with `aws account enable-region --region-name {region}`, or leave it out: \
                     nothing can run in it."
                ),
                format!(
                    "`aws account enable-region --region-name {region}` で有効化するか、指定から外す。\
                     有効化されていないリージョンでは何も稼働できない。"
                ),
            ),
            CollectError::OpeningTimedOut { .. } => Text::new(
                "Give more time with --timeout; check the network, proxy and --endpoint-url.",
                "--timeout を延ばす。ネットワーク、プロキシ、--endpoint-url も確認する。",
            ),
            CollectError::NoRegionList { cause: Cause::Denied, .. } => Text::new(
                "Allow ec2:DescribeRegions, or name the regions with --region.",
                "ec2:DescribeRegions を許可するか、--region でリージョンを指定する。",
            ),
            CollectError::NoRegionList { cause: Cause::Credentials, .. } => Text::new(
                "The credentials were refused since the scan began: sign in again (`aws sso login`).",
                "スキャン開始後に認証情報が拒否された。`aws sso login` でサインインし直す。",
            ),
            CollectError::NoRegionList { code, .. } if code == "NoRegions" => Text::new(
                "The answer names no region that is enabled, which AWS never answers: check \
                 --endpoint-url and the proxy, or name the regions with --region.",
                "有効なリージョンが 1 つもない応答を AWS が返すことはない。--endpoint-url とプロキシを確認するか、\
                 --region でリージョンを指定する。",
            ),
            CollectError::NoRegionList { .. } => Text::new(
                "Run again, or name the regions with --region; check the network, proxy and --endpoint-url.",
                "再実行するか、--region でリージョンを指定する。ネットワーク、プロキシ、--endpoint-url も確認する。",
            ),
            CollectError::SharedConfig(error) => return error.hint(),
            CollectError::UntrustedCertificate { distrust: Distrust::Misfit, .. } => Text::new(
                "It is for another host name, has expired or is not valid yet: check --endpoint-url, the proxy \
                 and this machine's clock.",
                "別のホスト名の証明書であるか、有効期間外である。--endpoint-url、プロキシ、このマシンの時刻を確認する。",
            ),
            CollectError::UntrustedCertificate { distrust: Distrust::Authority, .. } => Text::new(
                "It is the certificate of an authority (CA:TRUE), which tenken takes from no server. Give the \
                 server one that this authority issued, and set AWS_CA_BUNDLE, or ca_bundle in the profile, to \
                 the file of the authority's (PEM).",
                "CA の証明書 (CA:TRUE) であり、サーバー証明書としては信頼できない。この CA が発行した証明書をサーバーに\
                 設定し、CA の証明書ファイル (PEM) を AWS_CA_BUNDLE またはプロファイルの ca_bundle に設定する。",
            ),
            CollectError::UntrustedCertificate { .. } => Text::new(
                "Where your company inspects TLS, set AWS_CA_BUNDLE, or ca_bundle in the profile, to the file of \
                 your company's CA certificates (PEM).",
                "社内で TLS 通信を検査している場合は、社内 CA の証明書ファイル (PEM) を AWS_CA_BUNDLE または\
                 プロファイルの ca_bundle に設定する。",
            ),
            CollectError::ProxyRefused { host, .. } => Text::new(
                format!(
                    "Check user and password in the variable, and that the proxy allows {host}; NO_PROXY \
                     excepts hosts."
                ),
                format!(
                    "環境変数のユーザー名とパスワード、およびプロキシが {host} を許可していることを確認する。\
                     プロキシを使わないホストは NO_PROXY に指定する。"
                ),
            ),
            CollectError::ProxyUnreachable { .. } => Text::new(
                "Check host and port in the variable, and that the proxy is reached from here; without the \
                 variable AWS is asked straight.",
                "環境変数のホスト名とポート、およびこのマシンからプロキシに接続できることを確認する。環境変数を外すと\
                 プロキシなしで接続する。",
            ),
            CollectError::Recording(error) => return error.hint(),
        })
    }
}
