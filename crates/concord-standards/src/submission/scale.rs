//! Assessment scales: the scores that a tool permits.

use std::sync::Arc;

use super::form::Form;

/// A tool, and what its scores are.
#[derive(Debug, Clone)]
pub struct Scale {
    /// Its name for people; may be empty.
    pub name: Arc<str>,
    /// The least and the greatest score, where scores are numbers.
    pub range: Option<(f64, f64)>,
    /// How many decimals a score has when it has any; it then has no zero in front. `None`: anything that reads as a number.
    pub decimals: Option<usize>,
    /// Scores that are taken as they stand.
    pub values: Vec<Arc<str>>,
    /// How its scores are written.
    pub form: Option<Form>,
}

/// What is judged of a tool and its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judge {
    /// Whether the tool is one of the scales.
    Tool,
    /// Whether the tool permits the score.
    Score,
    /// Whether the score is written as the tool's scores are.
    Format,
}

impl Judge {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Tool, Self::Score, Self::Format];

    /// The word used in definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Score => "score",
            Self::Format => "format",
        }
    }
}

impl Scale {
    /// Whether a score is permitted.
    pub fn permits(&self, score: &str) -> bool {
        if self.values.iter().any(|value| **value == *score) {
            return true;
        }
        let Some((least, greatest)) = self.range else {
            return false;
        };
        if let Some(decimals) = self.decimals
            && !has_decimals(score, decimals)
        {
            return false;
        }
        // As the implementation reads numbers: blanks around them do not matter.
        let number: Option<f64> = score.trim().parse().ok();
        number.is_some_and(|number| (least..=greatest).contains(&number))
    }

    /// Whether a score is written as it must be.
    pub fn has_form(&self, score: &str) -> bool {
        self.form.as_ref().is_none_or(|form| form.takes(score))
    }

    /// What is permitted, for people.
    pub fn shown(&self) -> String {
        let mut parts = Vec::new();
        if let Some((least, greatest)) = self.range {
            parts.push(format!("{least} to {greatest}"));
        }
        parts.extend(self.values.iter().map(ToString::to_string));
        if parts.is_empty() {
            "no score".to_owned()
        } else {
            parts.join(", ")
        }
    }
}

/// Digits without a zero in front of others, and no point or this many decimals behind it.
fn has_decimals(score: &str, decimals: usize) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = match score.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (score, None),
    };
    digits(whole)
        && !(whole.len() > 1 && whole.starts_with('0'))
        && fraction.is_none_or(|fraction| fraction.len() == decimals && digits(fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(decimals: Option<usize>, values: &[&str]) -> Scale {
        Scale {
            name: "".into(),
            range: Some((0.0, 27.0)),
            decimals,
            values: values.iter().map(|value| Arc::from(*value)).collect(),
            form: Form::parse("max n2"),
        }
    }

    #[test]
    fn scores_are_within_the_range_and_written_so() {
        let plain = scale(None, &["NA"]);
        for score in ["0", "27", "27.0", " 5 ", "NA", "05"] {
            assert!(plain.permits(score), "{score}");
        }
        for score in ["28", "-1", "", "x", "na"] {
            assert!(!plain.permits(score), "{score}");
        }
        let strict = scale(Some(1), &[]);
        for score in ["0", "27", "26.5", "0.5"] {
            assert!(strict.permits(score), "{score}");
        }
        for score in ["05", "26.55", "27.1", "NA", "1."] {
            assert!(!strict.permits(score), "{score}");
        }
        assert!(plain.has_form("27") && !plain.has_form("2.5"));
    }
}
