//! The size of a task, which task definitions may give as `512`, `.5 vCPU` or `1 GB`.

/// CPU units; `None` for text that is not a size.
pub(super) fn cpu_units(text: &str) -> Option<i64> {
    let (number, unit) = parts(text);
    match unit.as_str() {
        "" => number.parse().ok(),
        "vcpu" | "vcpus" => times_1024(number),
        _ => None,
    }
}

/// MiB; `None` for text that is not a size.
pub(super) fn memory_mib(text: &str) -> Option<i64> {
    let (number, unit) = parts(text);
    match unit.as_str() {
        "" | "mb" | "mib" => number.parse().ok(),
        "gb" | "gib" => times_1024(number),
        _ => None,
    }
}

fn parts(text: &str) -> (&str, String) {
    let text = text.trim();
    let end = text.find(|character: char| character.is_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    (number.trim(), unit.trim().to_lowercase())
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be small and whole just before")]
fn times_1024(number: &str) -> Option<i64> {
    let units = number.parse::<f64>().ok()? * 1024.0;
    let is_size = units.is_finite() && units > 0.0 && units < 1e9;
    is_size.then(|| units.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_units() {
        for (text, units) in [
            ("512", Some(512)),
            (".5 vCPU", Some(512)),
            ("0.25vCPU", Some(256)),
            ("1 vCPU", Some(1024)),
            ("16 vcpu", Some(16384)),
            ("half", None),
            ("1 GB", None),
            ("", None),
            ("-1 vCPU", None),
        ] {
            assert_eq!(cpu_units(text), units, "{text}");
        }
        for (text, mib) in [
            ("1024", Some(1024)),
            ("1 GB", Some(1024)),
            ("0.5GB", Some(512)),
            ("30 gb", Some(30720)),
            ("512 MiB", Some(512)),
            ("1 TB", None),
            ("é", None),
        ] {
            assert_eq!(memory_mib(text), mib, "{text}");
        }
    }
}
