//! Money for people: dollars, or another currency at a rate that somebody named.

use crate::text::{Explained, Invalid, Lang, Text, number, quoted};
use std::str::FromStr;

/// A currency and what a dollar is worth in it. AWS's prices are dollars; any other
/// currency needs a rate that the user names.
#[derive(Debug, Clone, PartialEq)]
pub struct Currency {
    code: String,
    per_usd: f64,
}

/// A currency that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum CurrencyError {
    /// Not three letters.
    Code(String),
    /// Not a positive number.
    Rate(String),
    /// Another currency without a rate.
    NoRate(String),
    /// A dollar is a dollar.
    RateOfDollars,
}

impl Explained for CurrencyError {
    fn what(&self) -> Text {
        match self {
            CurrencyError::Code(code) => {
                let code = quoted(code);
                Text::new(
                    format!("`{code}` is not a currency code; write its three letters, for instance JPY"),
                    format!("`{code}` は通貨コードではない。JPY のように 3 文字で指定する"),
                )
            }
            CurrencyError::Rate(code) => Text::new(
                format!(
                    "the rate of {code} must be more than 0: how much of it a dollar buys, for instance 150"
                ),
                format!("{code} のレートは 0 より大きい数（1 ドル当たりの金額、例: 150）で指定する"),
            ),
            CurrencyError::NoRate(code) => Text::new(
                format!(
                    "{code} needs a rate: write --rate N, how much of it a dollar buys, or `rate` in tenken.toml"
                ),
                format!(
                    "{code} にはレートが必要。--rate に 1 ドル当たりの金額を指定するか、tenken.toml に `rate` を書く"
                ),
            ),
            CurrencyError::RateOfDollars => Text::new(
                "a rate is for a currency other than USD; name one with --currency CODE",
                "レートは USD 以外の通貨に対して指定する。--currency で通貨を指定する",
            ),
        }
    }
}

impl Default for Currency {
    fn default() -> Self {
        Currency { code: "USD".to_owned(), per_usd: 1.0 }
    }
}

impl Currency {
    /// A currency from what the user named; dollars where nothing was named.
    ///
    /// # Errors
    /// No rate for another currency, or one that makes no sense.
    pub fn new(code: Option<&str>, rate: Option<f64>) -> Result<Currency, CurrencyError> {
        let code = check_code(code.unwrap_or("USD"))?;
        match rate {
            None if code == "USD" => Ok(Currency::default()),
            None => Err(CurrencyError::NoRate(code)),
            Some(_) if code == "USD" => Err(CurrencyError::RateOfDollars),
            Some(per_usd) if per_usd.is_finite() && per_usd > 0.0 => Ok(Currency { code, per_usd }),
            Some(_) => Err(CurrencyError::Rate(code)),
        }
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What a dollar is worth.
    pub(crate) fn per_usd(&self) -> f64 {
        self.per_usd
    }

    /// Whether it is the currency that AWS's prices are in.
    pub(crate) fn is_usd(&self) -> bool {
        self.code == "USD"
    }

    /// Dollars in this currency.
    pub(crate) fn convert_usd(&self, usd: f64) -> f64 {
        usd * self.per_usd
    }

    /// An amount of this currency in dollars.
    pub fn to_usd(&self, amount: f64) -> f64 {
        amount / self.per_usd
    }

    /// Dollars as people write them in this currency: `$37.23`, `¥5,585` or `5,585 円`.
    pub fn format(&self, usd: f64, lang: Lang) -> String {
        format_amount(self.convert_usd(usd), &self.code, lang)
    }
}

/// From so many units of a currency on, a glance needs no parts of one.
const GLANCE_WHOLE: f64 = 10.0;

impl Currency {
    /// Dollars at a glance, in as few characters as it takes: `$37`, `$0.80`, `5,585 円`.
    pub(crate) fn glance(&self, usd: f64, lang: Lang) -> String {
        let amount = self.convert_usd(usd);
        let is_whole = amount.abs() >= GLANCE_WHOLE;
        // As in `format_amount`.
        let rounded = amount.signum() * (amount.abs() + 1e-6).round();
        let text = format_amount(if is_whole { rounded } else { amount }, &self.code, lang);
        if is_whole { text.replace(".00", "") } else { text }
    }
}

fn check_code(code: &str) -> Result<String, CurrencyError> {
    let is_code = code.len() == 3 && code.chars().all(|c| c.is_ascii_alphabetic());
    if is_code { Ok(code.to_ascii_uppercase()) } else { Err(CurrencyError::Code(code.to_owned())) }
}

fn format_amount(amount: f64, code: &str, lang: Lang) -> String {
    let (decimals, parts) = if code == "JPY" { (0, 1.0) } else { (2, 100.0) };
    // Half a unit is rounded up, as people do; the addition makes good what binary fractions lose.
    let rounded = (amount.abs() * parts + 1e-6).round() / parts;
    let digits = format!("{rounded:.decimals$}");
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    // A sum beyond what a count can hold is not money any more, and stays as it is.
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), number);
    let fraction = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    let is_zero = digits.chars().all(|c| c == '0' || c == '.');
    let sign = if amount < 0.0 && !is_zero { "-" } else { "" };
    match (code, lang) {
        ("USD", _) => format!("{sign}${whole}{fraction}"),
        ("JPY", Lang::En) => format!("{sign}¥{whole}{fraction}"),
        ("JPY", Lang::Ja) => format!("{sign}{whole}{fraction} 円"),
        _ => format!("{sign}{whole}{fraction} {code}"),
    }
}

/// A unit price in dollars, with all the digits it has: `$0.051`, `$0.0000006`.
pub(crate) fn format_rate(usd: f64) -> String {
    format!("${usd}")
}

/// An amount of some currency, as users write it: `150000JPY`, `1000USD`.
#[derive(Debug, Clone, PartialEq)]
pub struct Money {
    /// The amount.
    pub amount: f64,
    /// The currency's three letters.
    pub code: String,
}

impl Money {
    /// The amount in dollars; `currency` has the rate where it is not in dollars.
    ///
    /// # Errors
    /// The rate of its currency is not known.
    pub(crate) fn to_usd(&self, currency: &Currency) -> Result<f64, CurrencyError> {
        match self.code.as_str() {
            "USD" => Ok(self.amount),
            code if code == currency.code => Ok(currency.to_usd(self.amount)),
            code => Err(CurrencyError::NoRate(code.to_owned())),
        }
    }
}

impl FromStr for Money {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unreadable = || {
            let text = quoted(text);
            Invalid::new(
                format!(
                    "`{text}` is not an amount of money; write for instance 150000JPY, 15万円 or 1000USD"
                ),
                format!("`{text}` は金額として読めない。150000JPY、15万円、1000USD のように指定する"),
            )
        };
        let (amount, code) = split(text.trim()).ok_or_else(unreadable)?;
        if !amount.is_finite() || amount < 0.0 {
            return Err(unreadable());
        }
        Ok(Money { amount, code: check_code(code).map_err(|_| unreadable())? })
    }
}

// The amount and the currency's letters. Yen are also written as Japanese are: 150,000円, 15万円, ¥150,000.
fn split(written: &str) -> Option<(f64, &str)> {
    let number = |text: &str| text.trim().replace(['_', ','], "").parse::<f64>().ok();
    if let Some(yen) = written.strip_suffix('円') {
        let yen = yen.trim_end();
        let (digits, units) = match (yen.strip_suffix('万'), yen.strip_suffix('億')) {
            (Some(digits), _) => (digits, 1e4),
            (None, Some(digits)) => (digits, 1e8),
            (None, None) => (yen, 1.0),
        };
        return Some((number(digits)? * units, "JPY"));
    }
    if let Some(yen) = written.strip_prefix(['¥', '￥']) {
        return Some((number(yen)?, "JPY"));
    }
    let (amount, code) = written.split_at_checked(written.find(|c: char| c.is_ascii_alphabetic())?)?;
    Some((number(amount)?, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_currency_needs_a_rate_that_somebody_named() {
        assert_eq!(Currency::new(None, None).unwrap(), Currency::default());
        assert_eq!(Currency::new(Some("JPY"), None), Err(CurrencyError::NoRate("JPY".into())));
        assert_eq!(Currency::new(Some("yen"), Some(0.0)), Err(CurrencyError::Rate("YEN".into())));
        assert_eq!(Currency::new(Some("¥"), Some(150.0)), Err(CurrencyError::Code("¥".into())));
        assert_eq!(Currency::new(None, Some(150.0)), Err(CurrencyError::RateOfDollars));
        assert_eq!(Currency::new(Some("jpy"), Some(150.0)).unwrap().code(), "JPY");
    }

    #[test]
    fn money_is_written_as_its_readers_write_it() {
        let yen = Currency::new(Some("JPY"), Some(150.0)).unwrap();
        assert_eq!(yen.format(37.23, Lang::Ja), "5,585 円");
        assert_eq!(yen.format(37.23, Lang::En), "¥5,585");
        assert_eq!(yen.format(-37.23, Lang::En), "-¥5,585");
        assert_eq!(Currency::default().format(1234.5, Lang::Ja), "$1,234.50");
        assert_eq!(Currency::default().format(-0.001, Lang::En), "$0.00");
        let euro = Currency::new(Some("EUR"), Some(0.9)).unwrap();
        assert_eq!(euro.format(10.0, Lang::En), "9.00 EUR");
        assert_eq!(format_rate(0.0000006), "$0.0000006");
        let glance = |usd| Currency::default().glance(usd, Lang::En);
        assert_eq!([37.63, 0.8, 9.999, -1234.5].map(glance), ["$38", "$0.80", "$10.00", "-$1,235"]);
        assert_eq!(yen.glance(37.23, Lang::Ja), "5,585 円");
    }

    #[test]
    fn budgets_are_read_in_their_own_currency() {
        let yen = Currency::new(Some("JPY"), Some(150.0)).unwrap();
        let budget: Money = "150000JPY".parse().unwrap();
        assert_eq!(budget.to_usd(&yen), Ok(1000.0));
        assert_eq!(budget.to_usd(&Currency::default()), Err(CurrencyError::NoRate("JPY".into())));
        assert_eq!("1,000 usd".parse::<Money>().unwrap(), Money { amount: 1000.0, code: "USD".into() });
        for (text, yen) in [
            ("15万円", 150_000.0),
            ("150,000円", 150_000.0),
            ("150000 円", 150_000.0),
            ("1.5万円", 15_000.0),
            ("2億円", 200_000_000.0),
            ("¥150,000", 150_000.0),
        ] {
            assert_eq!(text.parse::<Money>().unwrap(), Money { amount: yen, code: "JPY".into() }, "{text}");
        }
        for text in [
            "円",
            "万円",
            "-5円",
            "十万円",
            "15万",
            "",
            "150000",
            "JPY",
            "-5USD",
            "1e999USD",
            "5 dollars",
            "5￥",
        ] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }
}
