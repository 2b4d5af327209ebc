//! Why the AWS configuration cannot be used. No value of it is in any message.

use crate::text::{Explained, Text};
use std::path::PathBuf;

/// Why the AWS configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum SharedConfigError {
    /// The profile that was named does not exist.
    UnknownProfile {
        /// Its name.
        profile: String,
        /// The variable that names it; `None` where a flag or a setting does.
        variable: Option<&'static str>,
        /// Where it was looked for.
        files: [PathBuf; 2],
        /// The profiles that exist.
        known: Vec<String>,
    },
    /// The profile names a section of services that does not exist.
    UnknownServices {
        /// The profile.
        profile: String,
        /// The section.
        services: String,
        /// Where it was looked for.
        file: PathBuf,
    },
    /// A file cannot be read.
    UnreadableFile {
        /// The file.
        file: PathBuf,
        /// In the words of the operating system.
        reason: String,
    },
    /// A line of a file has no meaning.
    Line {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        mistake: Mistake,
    },
    /// Half of a pair of keys is missing.
    HalfOfTheKeys {
        /// Where the other half is: a variable, or a profile.
        place: String,
        /// What is missing.
        missing: &'static str,
    },
    /// A profile says something that has no meaning, or that tenken cannot do.
    Profile {
        /// The profile.
        profile: String,
        /// What is wrong.
        reason: Text,
        /// What to do instead.
        hint: Text,
    },
    /// A proxy cannot be used.
    Proxy {
        /// The variable that names it. Its value may hold a password.
        variable: String,
    },
    /// A file of certificates cannot be used.
    CertificateFile {
        /// The variable or the key that names it.
        place: String,
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: Text,
    },
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mistake {
    /// Not UTF-8.
    NotText,
    /// A key before the first section.
    NoSection,
    /// Neither a section nor a key with a value.
    NoEqualsSign,
    /// A section a second time, or one without a name.
    SectionTwice {
        /// The section.
        section: String,
    },
    /// A key a second time in its section.
    KeyTwice {
        /// The key.
        key: String,
    },
}

impl Mistake {
    fn words(&self) -> Text {
        match self {
            Mistake::NotText => Text::new("it is not UTF-8", "UTF-8 ではない"),
            Mistake::NoSection => Text::new(
                "it stands before the first section; write [default] or [profile NAME] above it",
                "最初のセクションより前にある。この行の上に [default] または [profile 名前] を書く",
            ),
            Mistake::NoEqualsSign => Text::new(
                "it is neither a section like [profile dev] nor a key like region = ap-northeast-1",
                "[profile dev] のようなセクションでも region = ap-northeast-1 のようなキーでもない",
            ),
            Mistake::SectionTwice { section } if section.is_empty() => {
                Text::new("the section has no name", "セクションに名前がない")
            }
            Mistake::SectionTwice { section } => Text::new(
                format!("the section [{section}] stands there a second time; write its keys into the first"),
                format!("セクション [{section}] が重複している。キーを最初のセクションにまとめる"),
            ),
            Mistake::KeyTwice { key } => Text::new(
                format!("the key {key} stands there a second time in its section; remove one"),
                format!("同じセクションでキー {key} が重複している。一方を削除する"),
            ),
        }
    }
}

impl Explained for SharedConfigError {
    fn what(&self) -> Text {
        match self {
            SharedConfigError::UnknownProfile { profile, variable, .. } => {
                let (en, ja) = match variable {
                    Some(name) => (format!(" that {name} names"), format!("環境変数 {name} が指定する")),
                    None => (String::new(), String::new()),
                };
                Text::new(
                    format!("find the profile \"{profile}\"{en}"),
                    format!("{ja}プロファイル「{profile}」が存在しない"),
                )
            }
            SharedConfigError::UnknownServices { profile, services, file } => {
                let file = file.display();
                Text::new(
                    format!(
                        "find the section [services {services}] that the profile {profile} names, in {file}"
                    ),
                    format!(
                        "プロファイル {profile} が指定するセクション [services {services}] が {file} に存在しない"
                    ),
                )
            }
            SharedConfigError::UnreadableFile { file, reason } => Text::new(
                format!("read {}: {reason}", file.display()),
                format!("{} を読み取れない: {reason}", file.display()),
            ),
            SharedConfigError::Line { file, line, mistake } => {
                let (file, words) = (file.display(), mistake.words());
                Text::new(
                    format!("read {file}, line {line}: {}", words.en),
                    format!("{file} の {line} 行目を読み取れない: {}", words.ja),
                )
            }
            SharedConfigError::HalfOfTheKeys { place, missing } => Text::new(
                format!("get AWS credentials: {place} has an access key without {missing}"),
                format!("AWS の認証情報を取得できない: {place} にアクセスキーがあるが {missing} がない"),
            ),
            SharedConfigError::Profile { profile, reason, .. } => Text::new(
                format!("get AWS credentials from the profile {profile}: {}", reason.en),
                format!("プロファイル {profile} から AWS の認証情報を取得できない: {}", reason.ja),
            ),
            SharedConfigError::Proxy { variable } => Text::new(
                format!("use the proxy that {variable} names: it is not an address that tenken can use"),
                format!(
                    "環境変数 {variable} が指定するプロキシを使用できない: 使用できる形式のアドレスではない"
                ),
            ),
            SharedConfigError::CertificateFile { place, file, reason } => Text::new(
                format!("read the CA certificates of {place} from {}: {}", file.display(), reason.en),
                format!("{place} の CA 証明書を {} から読み取れない: {}", file.display(), reason.ja),
            ),
        }
    }

    fn hint(&self) -> Option<Text> {
        match self {
            SharedConfigError::UnknownProfile { files: [config, credentials], known, .. } => {
                let (config, credentials) = (config.display(), credentials.display());
                Some(if known.is_empty() {
                    Text::new(
                        format!(
                            "There is no profile in {config} or {credentials}; `aws configure` writes one."
                        ),
                        format!(
                            "{config} と {credentials} にプロファイルがない。`aws configure` で作成できる。"
                        ),
                    )
                } else {
                    let known = known.join(", ");
                    Text::new(
                        format!("The profiles of {config} and {credentials} are: {known}."),
                        format!("{config} と {credentials} にあるプロファイル: {known}。"),
                    )
                })
            }
            SharedConfigError::Profile { hint, .. } => Some(hint.clone()),
            SharedConfigError::HalfOfTheKeys { .. } => Some(Text::new(
                "Set both or none: with one alone the AWS CLI stops as well, and no other source is tried.",
                "両方を設定するか、両方を外す。一方だけの場合は AWS CLI も停止し、他の提供元は使わない。",
            )),
            SharedConfigError::Proxy { .. } => Some(Text::new(
                "Write it like http://proxy.example.com:3128 or http://USER:PASSWORD@proxy.example.com:3128, in a \
                 password %2F for /, %3F for ? and %23 for #; SOCKS proxies cannot be used.",
                "http://proxy.example.com:3128 または http://USER:PASSWORD@proxy.example.com:3128 のように書く。\
                 パスワードの / は %2F、? は %3F、# は %23 と書く。SOCKS プロキシには対応していない。",
            )),
            SharedConfigError::CertificateFile { .. } => Some(Text::new(
                "Name a file of PEM certificates (-----BEGIN CERTIFICATE-----), or unset it to trust the \
                 certificates of the operating system.",
                "PEM 形式の証明書 (-----BEGIN CERTIFICATE-----) のファイルを指定する。設定を外すと OS の証明書を\
                 信頼する。",
            )),
            _ => None,
        }
    }
}
