//! Numbers as people read them.

use concord_finding::{Fact, Masking};

/// `1200` as `1,200`.
pub fn count(number: u64) -> String {
    Fact::Number(number).shown(Masking::Masked)
}

/// `1` and `record` as `1 record`, `2` as `2 records`.
pub fn many(number: u64, thing: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{} {thing}{end}", count(number))
}

/// Bytes in the largest decimal unit that leaves a number of at least 1.
pub(crate) fn bytes(number: u64) -> String {
    size(number as f64)
}

/// Bytes per second.
pub(crate) fn rate(number: u64, seconds: f64) -> String {
    format!("{}/s", size(number as f64 / seconds.max(1e-9)))
}

fn size(mut number: f64) -> String {
    for unit in ["B", "kB", "MB", "GB"] {
        if number < 999.95 {
            return if unit == "B" {
                format!("{number:.0} {unit}")
            } else {
                format!("{number:.1} {unit}")
            };
        }
        number /= 1000.0;
    }
    format!("{number:.1} TB")
}

/// Seconds with as many digits as mean something.
pub(crate) fn seconds(number: f64) -> String {
    if number < 0.01 {
        "under 0.01 s".to_owned()
    } else if number < 10.0 {
        format!("{number:.2} s")
    } else {
        format!("{number:.1} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_can_read_them() {
        assert_eq!(many(1, "record"), "1 record");
        assert_eq!(many(1_200, "record"), "1,200 records");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(41_882_011), "41.9 MB");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(rate(41_882_011, 0.5), "83.8 MB/s");
        assert_eq!(seconds(0.001), "under 0.01 s");
    }
}
