//! Sizes and times as people write them: `4MB`, `30s`.

use std::time::Duration;

/// A thousand years in milliseconds: more than anybody waits, and no sum with them overflows.
const LONGEST: u64 = 1_000 * 366 * 86_400_000;

/// Why a text is no size or time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// It does not begin with a number.
    #[error("expected a number and a unit, such as 4MB or 30s")]
    NoNumber,
    /// The unit is none of size.
    #[error("`{0}` is no unit of size: B, KB, MB or GB")]
    SizeUnit(String),
    /// The unit is none of time.
    #[error("`{0}` is no unit of time: ms, s, m, h or d")]
    TimeUnit(String),
    /// It is nothing, or too much.
    #[error("a size must be more than nothing, and less than 16 EB")]
    Size,
    /// It is nothing, or too long.
    #[error("a time must be more than nothing, and less than 1,000 years")]
    Time,
}

/// A size in bytes: a number, and `B`, `KB`, `MB` or `GB` (1,024 bytes and so on) behind it.
///
/// # Errors
/// [`AmountError`].
///
/// ```
/// assert_eq!(concord_settings::size("4MB"), Ok(4 << 20));
/// ```
pub fn size(text: &str) -> Result<u64, AmountError> {
    let (number, unit) = parts(text)?;
    let shift = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" => 10,
        "M" | "MB" => 20,
        "G" | "GB" => 30,
        _ => return Err(AmountError::SizeUnit(unit.to_owned())),
    };
    number
        .checked_mul(1 << shift)
        .filter(|size| *size > 0)
        .ok_or(AmountError::Size)
}

/// A time: a number, and `ms`, `s`, `m`, `h` or `d` behind it.
///
/// # Errors
/// [`AmountError`].
///
/// ```
/// assert_eq!(concord_settings::duration("30s"), Ok(std::time::Duration::from_secs(30)));
/// ```
pub fn duration(text: &str) -> Result<Duration, AmountError> {
    let (number, unit) = parts(text)?;
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(AmountError::TimeUnit(unit.to_owned())),
    };
    number
        .checked_mul(milliseconds)
        .filter(|time| (1..=LONGEST).contains(time))
        .map(Duration::from_millis)
        .ok_or(AmountError::Time)
}

fn parts(text: &str) -> Result<(u64, &str), AmountError> {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let number = text[..end].parse().map_err(|_| AmountError::NoNumber)?;
    Ok((number, text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_have_units() {
        assert_eq!(size("4MB"), Ok(4 << 20));
        assert_eq!(size("512 kb"), Ok(512 << 10));
        assert_eq!(size("7"), Ok(7));
        assert_eq!(duration("30d"), Ok(Duration::from_hours(720)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        for wrong in [
            "",
            "MB",
            "4 apples",
            "0MB",
            "99999999999GB",
            "-1",
            "1.5MB",
            "4é",
        ] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "30", "0s", "999999999d", "18446744073709551615h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
