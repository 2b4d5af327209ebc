//! Pages, and how XML and CBOR are written.

use std::ops::Range;

/// A part of a list.
pub(crate) struct Page {
    pub range: Range<usize>,
    /// The token of the next page.
    pub next: Option<String>,
}

/// The page that a token names, of a list of `count`, `size` at most on a page.
pub(crate) fn page(count: usize, size: usize, token: Option<&str>) -> Page {
    let first = token.and_then(|token| token.strip_prefix("from-")).and_then(|from| from.parse().ok());
    let first = first.unwrap_or(0).min(count);
    let end = (first + size).min(count);
    Page { range: first..end, next: (end < count).then(|| format!("from-{end}")) }
}

/// The number of the page that a token names, the first being 1.
pub(crate) fn page_number(token: Option<&str>, size: usize) -> usize {
    let from = token.and_then(|token| token.strip_prefix("from-")).and_then(|from| from.parse().ok());
    from.unwrap_or(0_usize) / size.max(1) + 1
}

pub(crate) fn tag(name: &str, content: impl std::fmt::Display) -> String {
    format!("<{name}>{content}</{name}>")
}

pub(crate) fn list(name: &str, member: &str, items: impl IntoIterator<Item = String>) -> String {
    let items: String = items.into_iter().map(|item| tag(member, item)).collect();
    tag(name, items)
}

pub(crate) fn maybe(name: &str, content: Option<impl std::fmt::Display>) -> String {
    content.map(|content| tag(name, content)).unwrap_or_default()
}

/// An answer of EC2.
pub(crate) fn ec2(
    operation: &str,
    set: &str,
    items: impl IntoIterator<Item = String>,
    next: Option<String>,
) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{operation}Response \
         xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>generated</requestId>{}{}</{operation}Response>",
        list(set, "item", items),
        maybe("nextToken", next),
    )
}

/// An answer of another service that speaks XML.
pub(crate) fn query(operation: &str, namespace: &str, content: &str) -> String {
    format!(
        "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{content}</{operation}Result>\
         <ResponseMetadata><RequestId>generated</RequestId></ResponseMetadata></{operation}Response>"
    )
}

/// CBOR, as far as metrics need it.
#[derive(Default)]
pub(crate) struct Cbor(pub Vec<u8>);

impl Cbor {
    fn head(&mut self, major: u8, number: u64) {
        let major = major << 5;
        match number {
            0..24 => self.0.push(major | number as u8),
            24..0x100 => self.0.extend([major | 24, number as u8]),
            0x100..0x1_0000 => {
                self.0.push(major | 25);
                self.0.extend((number as u16).to_be_bytes());
            }
            _ => {
                self.0.push(major | 26);
                self.0.extend((number as u32).to_be_bytes());
            }
        }
    }

    pub(crate) fn map(&mut self, length: usize) {
        self.head(5, length as u64);
    }

    pub(crate) fn array(&mut self, length: usize) {
        self.head(4, length as u64);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.0.extend(text.as_bytes());
    }

    pub(crate) fn double(&mut self, number: f64) {
        self.0.push(0xfb);
        self.0.extend(number.to_be_bytes());
    }

    /// Seconds since 1970, as CloudWatch writes times.
    pub(crate) fn time(&mut self, seconds: i64) {
        self.0.push(0xc1);
        self.double(seconds as f64);
    }
}
