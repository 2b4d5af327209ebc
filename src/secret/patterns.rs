//! Forms that only secrets have.

use super::{Located, compile, value};
use regex::{Regex, RegexSet};
use std::sync::{LazyLock, OnceLock};

// The secret is the first group that took part, or everything. Upper bounds of
// repetitions are left out: each would copy its class as many times, and matching is
// linear without them. More special ones first.
const TOKENS: &[(&str, &str)] = &[
    (
        "private-key",
        r"(?s)-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\z)",
    ),
    // The same in base64: PKCS #8, RSA, EC, OpenSSH, DSA.
    ("private-key", r"\bLS0tLS1CRUdJTiB(?:QUklW|SU0Eg|FQyBQ|PUEVO|EU0Eg)[0-9A-Za-z+/]{20,}={0,2}"),
    ("aws-access-key-id", r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    ("aws-bedrock-key", r"\bABSK[0-9A-Za-z+/]{40,}={0,2}"),
    ("github-token", r"\b(?:gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{22,})\b"),
    ("gitlab-token", r"\bglpat-[0-9A-Za-z_-]{20,}"),
    ("npm-token", r"\bnpm_[0-9A-Za-z]{36}\b"),
    ("slack-webhook", r"\bhooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([0-9A-Za-z+/_-]{20,})"),
    ("slack-token", r"\b(?:xox[abeoprs]|xapp)-[0-9A-Za-z-]{10,}"),
    (
        "token",
        concat!(
            r"\b(?:hooks\.zapier\.com/hooks/catch/|maker\.ifttt\.com/trigger/[^/\s]+/(?:json/)?with/key/|",
            r"hook\.[a-z0-9]+\.make\.com/|api\.vercel\.com/v1/integrations/deploy/|api\.netlify\.com/build_hooks/|",
            r"calendar\.google\.com/calendar/ical/[^/\s]+/private-)([0-9A-Za-z/_-]{8,})",
        ),
    ),
    ("discord-webhook", r"\bdiscord(?:app)?\.com/api/webhooks/([0-9]{15,22}/[0-9A-Za-z_-]{30,})"),
    ("stripe-key", r"\b(?:(?:sk|rk)_(?:live|test|prod)_[0-9A-Za-z]{10,}|whsec_[0-9A-Za-z+/]{20,}={0,2})"),
    ("sendgrid-key", r"\bSG\.[0-9A-Za-z_-]{16,32}\.[0-9A-Za-z_-]{32,}"),
    ("anthropic-key", r"\bsk-ant-[0-9A-Za-z_-]{20,}"),
    ("openai-key", r"\bsk-(?:proj-|svcacct-|admin-)?[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]{19,}"),
    ("google-key", r"\b(?:AIza[0-9A-Za-z_-]{35}|GOCSPX-[0-9A-Za-z_-]{28})"),
    ("jwt", r"\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}"),
    // Tokens whose issuer begins them with a word of its own; the rest is the secret. Bodies
    // are looser than the issuers', so that a specimen in a recording is told as well.
    (
        "token",
        concat!(
            r"\b(?:shp(?:at|ss|ca|pa)_|gl(?:rt|dt|cbt|ptt|ft|imt|agent|soat|ffct)-|dckr_(?:pat|oat)_|dapi|hv[sbr]\.|",
            r"do[por]_v1_|sbp_|PMAK-|NRAK-|bku[a-z]_|dp\.(?:st|pt|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?|",
            r"FlyV1 fm[0-9]_|AGE-SECRET-KEY-1|lin_api_|figd_|hf_|pypi-AgE|rubygems_|sntry[su]_|ATATT3xFfGF0|ATCTT3xFfGN0|",
            r"[0-9A-Za-z]{14}\.atlasv1\.|pul-|pscale_(?:tkn|pw|oauth)_|sq0(?:csp|atp)-|CFPAT-|glsa_|glc_|CCIPAT_|ntn_|",
            r"xkeysib-|EZ[AT]K|FLWSECK(?:_TEST)?-|nfp_|sha256~|pnu_|rdme_|tfp_|dt0c01\.|CLOJARS_|sq[pau]_|sgp_|tskey-[a-z]+-|",
            r"gsk_|xai-|pplx-|r8_|lsv2_(?:pt|sk)_|napi_|pat-(?:na|eu)[0-9]-|shippo_(?:live|test)_|tk-us-|cio_|ddp_|rnd_|vercel_|",
            r"oy2|Atz[ar]\||ya29\.|duffel_(?:live|test)_|fio-u-|ico-|EAAA|access-(?:sandbox|development|production)-)([0-9A-Za-z_=/+-]{20,})",
        ),
    ),
    // Telegram, Mailchimp, Mailgun, Asana, New Relic, Airtable, a channel of Microsoft Teams.
    ("token", r"(?:\b|bot)[0-9]{8,10}:AA([0-9A-Za-z_-]{33})(?:[^0-9A-Za-z_-]|$)"),
    ("api-key", r"\b([0-9A-Za-z]{32})-us[0-9]{1,2}\b"),
    ("api-key", r"\bkey-([0-9A-Za-z]{32})\b"),
    ("token", r"\b[0-9]/[0-9]{13,17}[:/]([0-9A-Za-z]{32})\b"),
    ("api-key", r"\b([0-9A-Za-z]{36})NRAL\b"),
    ("token", r"\bpat[0-9A-Za-z]{14}\.([0-9A-Za-z]{64})\b"),
    ("token", r"\bwebhook\.office\.com/webhookb2/[^/\s]+/IncomingWebhook/([0-9A-Za-z/-]{32,})"),
    // Firebase's old servers, Discord's bots, Dropbox, Alibaba, Azure AD, Mapbox, Braintree, LaunchDarkly, Cloudflare's certificates.
    ("token", r":APA91b([0-9A-Za-z_-]{40,})"),
    ("token", r"\b[MNO][0-9A-Za-z_-]{23,27}\.[0-9A-Za-z_-]{6}\.([0-9A-Za-z_-]{27,})"),
    ("token", r"\bsl\.(?:[Bu]\.)?([0-9A-Za-z_-]{40,})"),
    ("access-key", r"\bLTAI([0-9A-Za-z]{12,24})\b"),
    ("secret", r"[0-9A-Za-z_~.]{3}[0-9]Q~([0-9A-Za-z_~.-]{31,34})"),
    ("token", r"\bsk\.eyJ([0-9A-Za-z_.-]{40,})"),
    ("token", r"\baccess_token\$(?:production|sandbox)\$([0-9A-Za-z$]{32,})"),
    ("token", r"\bsdk-([0-9A-Za-z]{8}[0-9A-Za-z-]{28})\b"),
    ("token", r"\bv1\.0-([0-9A-Za-z-]{40,})"),
    // Laravel's key: 32 bytes.
    ("secret-key", r"\bbase64:([0-9A-Za-z+/]{43})="),
    // Signatures that make a URL a key: Azure's SAS, presigned URLs of S3 and Google Cloud.
    (
        "token",
        r"[?&](?:sig|Signature|X-Amz-Signature|X-Amz-Security-Token|X-Goog-Signature)=([0-9A-Za-z%+/_-]{20,}={0,2})",
    ),
    (
        "token",
        r#"(?i)\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token|digest)\s+([0-9A-Za-z._~+/-]{12,}={0,2})"#,
    ),
    ("token", r"(?i)^\s*(?:bearer|basic)\s+([0-9A-Za-z._~+/-]{16,}={0,2})\s*$"),
    // Lines of htpasswd and shadow files: hashes that can be guessed at.
    (
        "password",
        r"(?:^|[\s,;:])[^\s:,;]+:(?:\$(?:apr1|1|2[abxy]|5|6|y|argon2(?:id?|d))\$|\{S?SHA(?:256|512)?\})([0-9A-Za-z./$+=,]{12,})",
    ),
    ("password", r"(?i)\bmachine\s+\S+\s+login\s+\S+\s+password\s+(\S+)"),
    ("azure-storage-key", r"(?i)\b(?:AccountKey|SharedAccessKey)=([0-9A-Za-z+/]{20,}={0,2})"),
];

const CONNECTIONS: &[&str] = &[
    // scheme://user:password@host. The last @ before a slash ends the password, because
    // people forget to encode it.
    r#"(?i)\b[a-z][a-z0-9+.-]{1,30}://[^\s:/?#@"'<>]*:([^\s/"<>]+)@"#,
    // jdbc:…?password=…, …;password=…
    r#"(?i)(?:jdbc:|://)[^\s"]*?[?&;](?:password|passwd|pwd)=([^&;\s"]+)"#,
    // jdbc:oracle:thin:user/password@host
    r"(?i)\bjdbc:oracle:[a-z0-9]{2,6}:[^/\s@]+/([^\s/]+)@",
    // user/password@host:1521/service
    r"^[A-Za-z][A-Za-z0-9_$#]*/([^\s/@]+)@(?://)?[A-Za-z0-9.-]+:[0-9]{2,5}[/:][A-Za-z0-9_.$]+$",
    // user:password@tcp(host:3306)/database
    r"^[^\s:/@]+:(\S+)@(?:tcp|unix)\(",
    // Server=…;User Id=…;Password=…
    r#"(?i)\b(?:server|data source|host|user id|uid|user|username|database|initial catalog|endpoint)\s*=[^;=]*;(?:.*;)?\s*(?:password|pwd)\s*=\s*(?:"([^"]+)"|'([^']+)'|([^;"']+))"#,
    r#"(?i)(?:^|;)\s*(?:password|pwd)\s*=\s*(?:"([^"]+)"|'([^']+)'|([^;"']+));(?:.*;)?\s*(?:server|data source|host|user id|uid|user|username|database|initial catalog|endpoint)\s*="#,
    // host=… user=… password=…
    r"(?i)\b(?:host|hostaddr|user|dbname|port)\s*=\s*[^\s;]+\s(?:.*\s)?(?:password|passwd)\s*=\s*(?:'((?:[^'\\]|\\.)+)'|([^\s;']+))",
    r"(?i)(?:^|\s)(?:password|passwd)\s*=\s*(?:'((?:[^'\\]|\\.)+)'|([^\s;']+))\s(?:.*\s)?(?:host|hostaddr|user|dbname|port)\s*=",
    // jdbc:mysql:loadbalance://(host=…,password=…)
    r"(?i)[(,](?:password|passwd|pwd)=([^,)\s]+)[,)]",
    // host:6379,password=…,ssl=True
    r"(?i):[0-9]{2,5},(?:[^\s]*,)?password=([^,\s]+)",
];

static TOKEN_SET: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(TOKENS.iter().map(|(_, text)| *text)));
static CONNECTION_SET: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(CONNECTIONS.iter().copied()));

/// Patterns that are looked for in one pass; most values match none of them, so that the
/// patterns with their groups are compiled only when one is found.
struct Patterns {
    set: Option<RegexSet>,
    single: Vec<(&'static str, OnceLock<Regex>)>,
}

impl Patterns {
    fn new(texts: impl Iterator<Item = &'static str> + Clone) -> Self {
        Patterns {
            set: RegexSet::new(texts.clone()).ok(),
            single: texts.map(|text| (text, OnceLock::new())).collect(),
        }
    }

    /// The patterns that occur in `text`, with their position in the set.
    fn matching(&self, text: &str) -> impl Iterator<Item = (usize, &Regex)> {
        let matches = self.set.as_ref().map(|set| set.matches(text));
        let single = self.single.iter().enumerate();
        single
            .filter(move |(index, _)| matches.as_ref().is_none_or(|matches| matches.matched(*index)))
            .map(|(index, (text, pattern))| (index, pattern.get_or_init(|| compile(text))))
    }
}

/// Keys, tokens and other secrets whose issuer gave them a form of their own.
pub(super) fn tokens(text: &str) -> Vec<Located> {
    let mut found = Vec::new();
    for (index, pattern) in TOKEN_SET.matching(text) {
        let Some((kind, _)) = TOKENS.get(index) else { continue };
        for captures in pattern.captures_iter(text) {
            let Some(secret) = captures.iter().skip(1).flatten().next().or_else(|| captures.get(0)) else {
                continue;
            };
            // AWS's documentation ends its sample keys so.
            if secret.as_str().contains("EXAMPLE") || value::is_placeholder(secret.as_str()) {
                continue;
            }
            found.push(Located { kind, is_weak: false, range: secret.range() });
        }
    }
    found
}

/// Passwords in connection strings.
pub(super) fn connections(text: &str) -> Vec<Located> {
    let mut found = Vec::new();
    for (_, pattern) in CONNECTION_SET.matching(text) {
        for captures in pattern.captures_iter(text) {
            let Some(secret) = captures.iter().skip(1).flatten().next() else { continue };
            let password = secret.as_str();
            let is_none = value::is_reference(password) || value::is_placeholder(password);
            if is_port(password) || (is_none && !value::is_default_password(password)) {
                continue;
            }
            let is_weak = value::is_weak(password);
            found.push(Located { kind: "connection-string", is_weak, range: secret.range() });
        }
    }
    found
}

/// `8080?to=somebody` of `https://host:8080?to=somebody@example.com`, `1433;user=shop` of
/// `jdbc:sqlserver://host:1433;user=shop@server`.
fn is_port(text: &str) -> bool {
    let after = text.trim_start_matches(|character: char| character.is_ascii_digit());
    (1..=5).contains(&(text.len() - after.len())) && after.starts_with(['?', '#', ';', ','])
}
