//! A share of records, in per cent.

use std::fmt;
use std::str::FromStr;

/// A share in per cent, such as `0.5%`, exact to six digits behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate {
    /// Millionths of a per cent.
    millionths: u64,
}

/// A text that is no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a share: write it in per cent, from 0% to 100%, such as 0.5%")]
pub struct ParseRateError(String);

const DIGITS: usize = 6;
const ONE: u64 = 1_000_000;

impl Rate {
    /// Whether `part` of `whole` is a larger share. Nothing of nothing is not.
    pub fn is_exceeded(self, part: u64, whole: u64) -> bool {
        u128::from(part) * 100 * u128::from(ONE) > u128::from(self.millionths) * u128::from(whole)
    }

    /// The share that `part` of `whole` is, cut off behind the sixth digit.
    pub fn of(part: u64, whole: u64) -> Self {
        let millionths = match whole {
            0 => 0,
            whole => u128::from(part) * 100 * u128::from(ONE) / u128::from(whole),
        };
        Self {
            millionths: u64::try_from(millionths).unwrap_or(u64::MAX),
        }
    }
}

impl FromStr for Rate {
    type Err = ParseRateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let number = text.strip_suffix('%')?.trim_end();
            let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
            let digits =
                |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if !digits(whole) || !digits(part) || part.len() > DIGITS || whole.len() > 3 {
                return None;
            }
            let whole: u64 = whole.parse().ok()?;
            let part: u64 = format!("{part:0<DIGITS$}").parse().ok()?;
            let millionths = whole * ONE + part;
            (millionths <= 100 * ONE).then_some(Self { millionths })
        };
        read().ok_or_else(|| ParseRateError(text.to_owned()))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.millionths / ONE, self.millionths % ONE);
        let part = format!("{part:0DIGITS$}");
        match part.trim_end_matches('0') {
            "" => write!(f, "{whole}%"),
            part => write!(f, "{whole}.{part}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact() {
        let half: Rate = "0.5%".parse().expect("a share");
        assert!(!half.is_exceeded(5, 1000));
        assert!(half.is_exceeded(6, 1000));
        assert!(!half.is_exceeded(0, 0));
        assert!(
            "0%".parse::<Rate>()
                .expect("a share")
                .is_exceeded(1, u64::MAX)
        );
        assert!(
            !"100%"
                .parse::<Rate>()
                .expect("a share")
                .is_exceeded(u64::MAX, u64::MAX)
        );
        for same in ["0%", "0.5%", "12.345678%", "100%"] {
            assert_eq!(same.parse::<Rate>().expect("a share").to_string(), same);
        }
        for bad in [
            "",
            "%",
            "0.5",
            "5 %%",
            "-1%",
            "101%",
            "100.1%",
            "0.1234567%",
            "1e2%",
            ".5%",
        ] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
        assert_eq!(Rate::of(1, 8).to_string(), "12.5%");
        assert_eq!(Rate::of(1, 0).to_string(), "0%");
    }
}
