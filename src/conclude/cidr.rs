//! Address ranges, their unions, and how much of the internet they are.
//!
//! IPv4 and IPv6 addresses are both kept as `u128`, each family by itself.

use crate::text::Text;
use std::net::IpAddr;
use std::sync::OnceLock;

/// IPv4 or IPv6. A path through a network is of one family from end to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum IpFamily {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl IpFamily {
    /// Both families.
    pub(super) const ALL: [IpFamily; 2] = [IpFamily::V4, IpFamily::V6];

    fn bits(self) -> u32 {
        match self {
            IpFamily::V4 => 32,
            IpFamily::V6 => 128,
        }
    }
}

/// A CIDR range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CidrBlock {
    /// Its family.
    pub family: IpFamily,
    /// Its first address.
    pub first: u128,
    /// Its last address.
    pub last: u128,
}

impl CidrBlock {
    /// Reads `address/prefix`, for instance `10.0.0.0/16`; host bits are cleared as AWS does.
    pub(crate) fn parse(text: &str) -> Option<CidrBlock> {
        let (address, prefix) = text.trim().split_once('/')?;
        let prefix: u32 = prefix.parse().ok()?;
        let (family, value) = match address.parse().ok()? {
            IpAddr::V4(address) => (IpFamily::V4, u128::from(u32::from(address))),
            IpAddr::V6(address) => (IpFamily::V6, u128::from(address)),
        };
        let host_bits = family.bits().checked_sub(prefix)?;
        // The host mask of ::/0 has all 128 bits, which a shift cannot make.
        let host = 1u128.checked_shl(host_bits).map_or(u128::MAX, |size| size - 1);
        Some(CidrBlock { family, first: value & !host, last: value | host })
    }

    /// How many addresses it has, less one, so that ::/0 fits.
    pub(crate) fn span(&self) -> u128 {
        self.last - self.first
    }

    /// Whether another range lies in it.
    pub(super) fn contains(&self, other: &CidrBlock) -> bool {
        self.family == other.family && self.first <= other.first && other.last <= self.last
    }

    fn overlaps(&self, other: &CidrBlock) -> bool {
        self.family == other.family && self.first <= other.last && other.first <= self.last
    }
}

/// A set of addresses of one family: ranges that are sorted and do not touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Addresses {
    ranges: Vec<(u128, u128)>,
}

impl Addresses {
    /// The union of the blocks of a family; blocks of the other one are left out.
    pub(crate) fn of<'a>(family: IpFamily, blocks: impl IntoIterator<Item = &'a CidrBlock>) -> Self {
        let ranges = blocks.into_iter().filter(|block| block.family == family);
        Self::normal(ranges.map(|block| (block.first, block.last)).collect())
    }

    fn normal(mut ranges: Vec<(u128, u128)>) -> Self {
        ranges.sort_unstable();
        let mut normal: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match normal.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => normal.push((first, last)),
            }
        }
        Addresses { ranges: normal }
    }

    /// What is in either.
    pub(crate) fn union(&self, other: &Addresses) -> Addresses {
        Self::normal(self.ranges.iter().chain(&other.ranges).copied().collect())
    }

    /// What is in both.
    pub(crate) fn intersection(&self, other: &Addresses) -> Addresses {
        let mut both = Vec::new();
        for (first, last) in &self.ranges {
            for (other_first, other_last) in &other.ranges {
                let (start, end) = (*first.max(other_first), *last.min(other_last));
                if start <= end {
                    both.push((start, end));
                }
            }
        }
        Self::normal(both)
    }

    /// What is in this one and not in the other.
    pub(crate) fn difference(&self, other: &Addresses) -> Addresses {
        let mut rest = Vec::new();
        for (first, last) in &self.ranges {
            let mut next = Some(*first);
            for (other_first, other_last) in &other.ranges {
                let Some(start) = next else { break };
                if *other_last < start || last < other_first {
                    continue;
                }
                if start < *other_first {
                    rest.push((start, other_first - 1));
                }
                next = other_last.checked_add(1).filter(|after| after <= last);
            }
            if let Some(start) = next {
                rest.push((start, *last));
            }
        }
        Self::normal(rest)
    }

    /// Whether there is no address in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many addresses there are; only for sets within the internet, which `u128` can count.
    pub(super) fn count(&self) -> u128 {
        self.ranges.iter().map(|(first, last)| (last - first).saturating_add(1)).sum()
    }
}

/// IPv4 ranges that nobody on the internet has: private, shared, loopback, link-local,
/// documentation, benchmarks, multicast and reserved (RFC 6890).
const NOT_INTERNET: [&str; 13] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
];

/// The addresses that hosts on the internet can have. IPv6 hands out 2000::/3 only.
pub(crate) fn internet(family: IpFamily) -> &'static Addresses {
    static V4: OnceLock<Addresses> = OnceLock::new();
    static V6: OnceLock<Addresses> = OnceLock::new();
    let set = |texts: &[&str]| {
        let blocks: Vec<CidrBlock> = texts.iter().filter_map(|text| CidrBlock::parse(text)).collect();
        Addresses::of(family, &blocks)
    };
    match family {
        IpFamily::V4 => V4.get_or_init(|| set(&["0.0.0.0/0"]).difference(&set(&NOT_INTERNET))),
        IpFamily::V6 => V6.get_or_init(|| set(&["2000::/3"])),
    }
}

/// Whether a set contains every host of the internet: one range, two halves, or everything but
/// private ranges.
pub(crate) fn is_whole_internet(family: IpFamily, addresses: &Addresses) -> bool {
    internet(family).difference(addresses).is_empty()
}

/// Whether so much of the internet is in the set that whoever is in it is anybody: for groups,
/// ACLs, routes and prefix lists alike.
///
/// Of IPv4 that is a 256th, a little less than one /8: more than any content network, cloud region
/// or company has, for which load balancers and offices are opened; less than a country. Of IPv6,
/// whose registries hold a /12 each and whose largest providers a /19, it is what a /16 has.
pub(super) fn is_internet(family: IpFamily, addresses: &Addresses) -> bool {
    let internet = internet(family);
    let part = match family {
        IpFamily::V4 => 256,
        IpFamily::V6 => 1 << 13,
    };
    addresses.intersection(internet).count() >= internet.count() / part
}

/// All of it, as [`extent`] says it.
pub(super) fn whole_internet() -> Text {
    Text::new("the whole internet", "インターネット全体")
}

/// How much of the internet a set is, as the subject or object of a sentence.
pub(super) fn extent(family: IpFamily, addresses: &Addresses) -> Text {
    if is_whole_internet(family, addresses) {
        return whole_internet();
    }
    let internet = internet(family);
    let thousandths = addresses.intersection(internet).count() / (internet.count() / 1000).max(1);
    let share = match thousandths {
        0 => "less than 0.1%".to_owned(),
        1..100 => format!("{}.{}%", thousandths / 10, thousandths % 10),
        100..999 => format!("{}%", thousandths / 10),
        _ => "more than 99.9%".to_owned(),
    };
    let share_ja = share.replace("less than 0.1%", "0.1% 未満").replace("more than 99.9%", "99.9% 以上");
    let name = match family {
        IpFamily::V4 => "IPv4",
        IpFamily::V6 => "IPv6",
    };
    Text::new(
        format!("{share} of the internet's {name} addresses"),
        format!("インターネットの {name} アドレスの {share_ja}"),
    )
}

/// The first free IPv4 range with `span` + 1 addresses in one of `within`, searched after
/// `after` and then from the beginning.
pub(crate) fn free_block(
    within: &[CidrBlock],
    used: &[CidrBlock],
    span: u128,
    after: Option<&CidrBlock>,
) -> Option<String> {
    let size = span.checked_add(1)?;
    let starts_after = |block: &&CidrBlock| after.is_some_and(|after| block.overlaps(after));
    let first_choice = within
        .iter()
        .filter(starts_after)
        .map(|block| (after.map_or(block.first, |after| after.last.saturating_add(1)), block.last));
    let everything = within.iter().map(|block| (block.first, block.last));
    first_choice.chain(everything).find_map(|(first, last)| free_range(first, last, used, size))
}

fn free_range(first: u128, last: u128, used: &[CidrBlock], size: u128) -> Option<String> {
    let mut start = first.checked_next_multiple_of(size)?;
    loop {
        let candidate = CidrBlock { family: IpFamily::V4, first: start, last: start.checked_add(size - 1)? };
        if candidate.last > last {
            return None;
        }
        match used.iter().filter(|block| block.overlaps(&candidate)).map(|block| block.last).max() {
            // Every round moves past a used range, so there are at most as many as those.
            Some(end) => start = end.checked_add(1)?.checked_next_multiple_of(size)?,
            None => {
                let address = std::net::Ipv4Addr::from(u32::try_from(start).ok()?);
                return Some(format!("{address}/{}", 32 - size.ilog2()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(texts: &[&str]) -> Vec<CidrBlock> {
        texts.iter().map(|text| CidrBlock::parse(text).unwrap()).collect()
    }

    fn is_whole(family: IpFamily, texts: &[&str]) -> bool {
        is_whole_internet(family, &Addresses::of(family, &blocks(texts)))
    }

    #[test]
    fn reads_ranges_and_refuses_the_rest() {
        let block = CidrBlock::parse("10.0.1.7/24").unwrap();
        assert_eq!((block.first, block.last), (0x0a00_0100, 0x0a00_01ff));
        assert_eq!(CidrBlock::parse("::/0").unwrap().span(), u128::MAX);
        assert_eq!(CidrBlock::parse("0.0.0.0/0").unwrap().span(), u128::from(u32::MAX));
        assert_eq!(CidrBlock::parse("1.2.3.4/32").unwrap().span(), 0);
        for text in ["", "10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0/8", "pl-0abc", "10.0.0.0/-1"] {
            assert_eq!(CidrBlock::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_world_in_one_in_halves_and_without_private_ranges() {
        let everything_public = [
            "0.0.0.0/5",
            "8.0.0.0/7",
            "11.0.0.0/8",
            "12.0.0.0/6",
            "16.0.0.0/4",
            "32.0.0.0/3",
            "64.0.0.0/2",
            "128.0.0.0/3",
            "160.0.0.0/5",
            "168.0.0.0/6",
            "172.0.0.0/12",
            "172.32.0.0/11",
            "172.64.0.0/10",
            "172.128.0.0/9",
            "173.0.0.0/8",
            "174.0.0.0/7",
            "176.0.0.0/4",
            "192.0.0.0/9",
            "192.128.0.0/11",
            "192.160.0.0/13",
            "192.169.0.0/16",
            "192.170.0.0/15",
            "192.172.0.0/14",
            "192.176.0.0/12",
            "192.192.0.0/10",
            "193.0.0.0/8",
            "194.0.0.0/7",
            "196.0.0.0/6",
            "200.0.0.0/5",
            "208.0.0.0/4",
        ];
        for texts in [&["0.0.0.0/0"][..], &["128.0.0.0/1", "0.0.0.0/1"], &everything_public] {
            assert!(is_whole(IpFamily::V4, texts), "{texts:?}");
            assert!(!is_whole(IpFamily::V6, texts), "{texts:?}");
        }
        for texts in [&["::/0"][..], &["2000::/3"], &["8000::/1", "::/1"], &["2000::/4", "3000::/4"]] {
            assert!(is_whole(IpFamily::V6, texts), "{texts:?}");
        }
        for texts in [&["0.0.0.0/1"][..], &["10.0.0.0/8"], &[], &["0.0.0.0/1", "128.0.0.0/2"], &["::/0"]] {
            assert!(!is_whole(IpFamily::V4, texts), "{texts:?}");
        }
        assert!(!is_whole(IpFamily::V4, &everything_public[1..]));
    }

    #[test]
    fn sets_add_and_take_away() {
        let set = |texts: &[&str]| Addresses::of(IpFamily::V4, &blocks(texts));
        let all = set(&["0.0.0.0/0"]);
        assert_eq!(all.difference(&set(&["0.0.0.0/1"])), set(&["128.0.0.0/1"]));
        assert_eq!(all.difference(&set(&["128.0.0.0/1"])), set(&["0.0.0.0/1"]));
        assert!(all.difference(&all).is_empty());
        let hole = all.difference(&set(&["10.1.0.0/16"]));
        assert!(hole.intersection(&set(&["10.1.0.0/16"])).is_empty());
        assert_eq!(hole.union(&set(&["10.1.0.0/16"])), all);
        let v6 = Addresses::of(IpFamily::V6, &blocks(&["::/0"]));
        assert!(v6.difference(&v6).is_empty());
        assert_eq!(v6.difference(&Addresses::default()), v6);
    }

    #[test]
    fn large_parts_of_the_internet_are_anybody() {
        let set = |texts: &[&str]| Addresses::of(IpFamily::V4, &blocks(texts));
        let all = set(&["0.0.0.0/0"]);
        assert!(is_internet(IpFamily::V4, &all.difference(&set(&["8.8.8.0/24", "1.0.0.0/8"]))));
        let words = |set: &Addresses| extent(IpFamily::V4, set).en;
        for (texts, share) in [
            (&["0.0.0.0/0"][..], "the whole internet"),
            (&["0.0.0.0/1"], "56% of the internet's IPv4 addresses"),
            (&["3.0.0.0/8"], "0.4% of the internet's IPv4 addresses"),
            (&["126.0.0.0/9", "133.0.0.0/9"], "0.4% of the internet's IPv4 addresses"),
        ] {
            assert!(is_internet(IpFamily::V4, &set(texts)), "{texts:?}");
            assert_eq!(words(&set(texts)), share);
        }
        assert_eq!(
            words(&all.difference(&set(&["8.8.8.8/32"]))),
            "more than 99.9% of the internet's IPv4 addresses"
        );
        // Offices, and the ranges of a content network.
        for texts in [
            &["8.8.8.8/32"][..],
            &["52.196.30.0/24", "52.68.0.0/16"],
            &["104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "162.158.0.0/15", "198.41.128.0/17"],
            &["10.0.0.0/8"],
            &["203.0.113.0/24"],
            &[],
        ] {
            assert!(!is_internet(IpFamily::V4, &set(texts)), "{texts:?}");
        }
        let v6 = |texts: &[&str]| Addresses::of(IpFamily::V6, &blocks(texts));
        assert!(is_internet(IpFamily::V6, internet(IpFamily::V6)));
        assert!(is_internet(IpFamily::V6, &v6(&["2400::/12"])));
        assert!(!is_internet(IpFamily::V6, &v6(&["2606:4700::/32", "2400:cb00::/32", "fc00::/7"])));
    }

    #[test]
    fn finds_the_next_free_range() {
        let vpc = blocks(&["10.0.0.0/16"]);
        let used = blocks(&["10.0.1.0/24", "10.0.2.0/24", "10.0.10.0/24"]);
        let private = CidrBlock::parse("10.0.10.0/24").unwrap();
        assert_eq!(free_block(&vpc, &used, 255, Some(&private)).unwrap(), "10.0.11.0/24");
        assert_eq!(free_block(&vpc, &used, 255, None).unwrap(), "10.0.0.0/24");
        assert_eq!(free_block(&vpc, &used, 4095, Some(&private)).unwrap(), "10.0.16.0/20");
        let last = CidrBlock::parse("10.0.255.0/24").unwrap();
        let used = blocks(&["10.0.0.0/24", "10.0.1.128/25", "10.0.255.0/24"]);
        assert_eq!(free_block(&vpc, &used, 255, Some(&last)).unwrap(), "10.0.2.0/24");
        assert_eq!(free_block(&blocks(&["10.0.0.0/24"]), &used, 255, None), None);
        let two = blocks(&["10.0.0.0/24", "10.1.0.0/24"]);
        assert_eq!(free_block(&two, &used, 127, Some(&two[0])).unwrap(), "10.1.0.0/25");
    }
}
