//! Spreads a recorded list over several pages, as AWS may do whatever page size was asked for.

use super::wire::{self, Protocol, Request};
use crate::snapshot::operation::{self, PagedList};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value as Json;
use std::ops::Range;

/// What the tokens of pages that were made here begin with.
const TOKEN: &str = "split-";

fn of(service: &str, operation: &str) -> Option<&'static PagedList> {
    operation::find(service, operation)?.list.as_ref()
}

/// Whether the answers of an operation can be spread over pages. WAF ends its lists with an
/// empty page, so that no empty page can come before the end.
pub fn can_split(service: &str, operation: &str) -> bool {
    of(service, operation).is_some() && service != "wafv2" && operation != "GetMetricData"
}

/// The page that a token made here names.
pub(crate) fn page_of(token: &str) -> Option<usize> {
    token.strip_prefix(TOKEN)?.parse().ok()
}

/// One page of a recorded answer with `size` elements a page; the second page is empty.
/// `None` where the answer has no such list, or has a next page of its own.
pub fn split(request: &Request, answer: &[u8], size: usize, page: usize) -> Option<Vec<u8>> {
    let paged = of(&request.service, &request.operation)?;
    if wire::next_token(request.protocol, answer).is_some() {
        return None;
    }
    let token = format!("{TOKEN}{}", page.saturating_add(1));
    change(request.protocol, paged, answer, |count| {
        let (elements, is_last) = elements_of(count, size, page);
        (elements, (!is_last).then_some(token.as_str()))
    })
}

/// A recorded answer with the token of a next page; `None` where its operation has no pages.
pub fn with_token(request: &Request, answer: &[u8], token: &str) -> Option<Vec<u8>> {
    let paged = of(&request.service, &request.operation)?;
    change(request.protocol, paged, answer, |count| (0..count, Some(token)))
}

/// The elements on a page, and whether the page is the last one.
fn elements_of(count: usize, size: usize, page: usize) -> (Range<usize>, bool) {
    let size = size.max(1);
    let last = count.div_ceil(size).max(1).saturating_add(1);
    let begin = match page {
        0 | 1 => 0,
        2 => return (0..0, page >= last),
        page => (page - 2).saturating_mul(size),
    };
    (begin.min(count)..begin.saturating_add(size).min(count), page >= last)
}

/// Changes an answer to the elements and the token that `choose` gives for their number.
fn change<'t>(
    protocol: Protocol,
    paged: &PagedList,
    answer: &[u8],
    choose: impl FnOnce(usize) -> (Range<usize>, Option<&'t str>),
) -> Option<Vec<u8>> {
    if protocol.is_json() {
        let mut json: Json = serde_json::from_slice(answer).ok()?;
        let map = json.as_object_mut()?;
        let list = map.get_mut(paged.field)?.as_array_mut()?;
        let (elements, token) = choose(list.len());
        *list = list.get(elements)?.to_vec();
        if let Some(token) = token {
            map.insert(paged.token.to_owned(), Json::String(token.to_owned()));
        }
        return Some(json.to_string().into_bytes());
    }
    let text = std::str::from_utf8(answer).ok()?;
    let place = place(text, paged.field)?;
    let (elements, token) = choose(place.elements.len());
    let mut changed = text.get(..place.whole.start)?.to_owned();
    changed.push_str(&format!("<{}>", paged.field));
    for element in place.elements.get(elements)? {
        changed.push_str(text.get(element.clone())?);
    }
    changed.push_str(&format!("</{}>", paged.field));
    let rest = text.get(place.whole.end..)?;
    if let Some(token) = token {
        changed.push_str(&format!("<{name}>{token}</{name}>", name = paged.token));
        // IAM and CloudFront say twice that a list goes on.
        let truncated = |flag: bool| format!("<IsTruncated>{flag}</IsTruncated>");
        changed = changed.replace(&truncated(false), &truncated(true));
        changed.push_str(&rest.replace(&truncated(false), &truncated(true)));
    } else {
        changed.push_str(rest);
    }
    Some(changed.into_bytes())
}

/// Where a list is in XML.
struct ListPlace {
    whole: Range<usize>,
    elements: Vec<Range<usize>>,
}

/// The first element of a name, and what is in it.
fn place(text: &str, list: &str) -> Option<ListPlace> {
    let mut reader = Reader::from_str(text);
    let position = |reader: &Reader<&[u8]>| usize::try_from(reader.buffer_position()).ok();
    let mut depth = 0_usize;
    // The beginning of the list and the depth in it; the beginning of the element being read.
    let mut found: Option<(usize, usize)> = None;
    let mut element = 0;
    let mut elements = Vec::new();
    loop {
        let before = position(&reader)?;
        match reader.read_event().ok()? {
            Event::Start(start) => {
                depth += 1;
                match found {
                    None if start.local_name().as_ref() == list => found = Some((before, depth)),
                    Some((_, inside)) if depth == inside + 1 => element = before,
                    _ => {}
                }
            }
            Event::Empty(empty) => match found {
                None if empty.local_name().as_ref() == list => {
                    return Some(ListPlace { whole: before..position(&reader)?, elements });
                }
                Some((_, inside)) if depth == inside => elements.push(before..position(&reader)?),
                _ => {}
            },
            Event::End(_) => {
                match found {
                    Some((begin, inside)) if depth == inside => {
                        return Some(ListPlace { whole: begin..position(&reader)?, elements });
                    }
                    Some((_, inside)) if depth == inside + 1 => elements.push(element..position(&reader)?),
                    _ => {}
                }
                depth = depth.checked_sub(1)?;
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(service: &str, operation: &str, protocol: Protocol) -> Request {
        Request {
            protocol,
            service: service.to_owned(),
            region: "eu-west-1".to_owned(),
            operation: operation.to_owned(),
            parameters: Default::default(),
            token: None,
            body: Json::Null,
        }
    }

    // A page that is named by a request may be any number.
    #[test]
    fn pages_beyond_every_end_are_empty() {
        for (size, page) in [(2, usize::MAX), (usize::MAX, 3), (usize::MAX, usize::MAX), (0, 0)] {
            let (elements, is_last) = elements_of(5, size, page);
            assert!(elements.end <= 5 && elements.start <= elements.end, "{size} {page}");
            assert!(is_last || page == 0, "{size} {page}");
        }
        let answer = b"<A><vpcSet><item/></vpcSet></A>";
        let page = split(&request("ec2", "DescribeVpcs", Protocol::Ec2Query), answer, 2, usize::MAX).unwrap();
        assert_eq!(page, b"<A><vpcSet></vpcSet></A>");
    }

    #[test]
    fn all_elements_come_once_and_the_second_page_is_empty() {
        for (count, size) in [(0, 1), (1, 1), (2, 1), (5, 2), (4, 4), (3, 10)] {
            let mut seen = Vec::new();
            for page in 1.. {
                let (elements, is_last) = elements_of(count, size, page);
                assert!(page != 2 || elements.is_empty(), "{count} by {size}");
                seen.extend(elements);
                if is_last {
                    break;
                }
            }
            assert_eq!(seen, (0..count).collect::<Vec<_>>(), "{count} by {size}");
        }
    }

    #[test]
    fn xml_lists() {
        let request = request("rds", "DescribeDBInstances", Protocol::Query);
        let answer = "<R><X>\n <DBInstances>\n  <DBInstance><A/><DBInstances/></DBInstance>\n  <DBInstance>2</DBInstance>\n \
                      </DBInstances>\n</X></R>";
        let page = |page| String::from_utf8(split(&request, answer.as_bytes(), 1, page).unwrap()).unwrap();
        let first =
            "<DBInstances><DBInstance><A/><DBInstances/></DBInstance></DBInstances><Marker>split-2</Marker>";
        assert_eq!(page(1), format!("<R><X>\n {first}\n</X></R>"));
        assert_eq!(page(2), "<R><X>\n <DBInstances></DBInstances><Marker>split-3</Marker>\n</X></R>");
        assert_eq!(page(3), "<R><X>\n <DBInstances><DBInstance>2</DBInstance></DBInstances>\n</X></R>");
        assert_eq!(page_of("split-3"), Some(3));
        let again = with_token(&request, b"<R><DBInstances /></R>", "again").unwrap();
        assert_eq!(again, b"<R><DBInstances></DBInstances><Marker>again</Marker></R>");
        assert_eq!(split(&request, b"<R><Marker>own</Marker><DBInstances/></R>", 1, 1), None);
    }

    #[test]
    fn json_lists_and_flags() {
        let clusters = request("ecs", "ListClusters", Protocol::Json);
        let page = split(&clusters, br#"{"clusterArns":["a","b"]}"#, 1, 3).unwrap();
        assert_eq!(page, br#"{"clusterArns":["b"]}"#);
        let policies = request("iam", "ListRolePolicies", Protocol::Query);
        let page = split(&policies, b"<R><PolicyNames/><IsTruncated>false</IsTruncated></R>", 1, 1).unwrap();
        let expected: &[u8] =
            b"<R><PolicyNames></PolicyNames><Marker>split-2</Marker><IsTruncated>true</IsTruncated></R>";
        assert_eq!(page, expected);
    }
}
