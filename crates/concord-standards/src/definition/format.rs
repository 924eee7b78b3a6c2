//! Formats in the Data Dictionary's notation, and the facets that they imply.
//!
//! The notation (<https://www.datadictionary.nhs.uk/>, *format/length*): `an` letters and digits, `a` letters, `n` digits, a number
//! for the length, `max` and `min` before a length that varies, `max n3.n1` for digits before and after the point, and a
//! picture (`an10 CCYY-MM-DD`, `n8 CCYYMMDD`) for days and times. Ours alone are `s` in the place of `n`, digits that a minus sign may
//! precede, and the pictures of [`Written`].

use super::compact::Compact;
use super::written::Written;
use crate::schema::{Builtin, Facets, Variety};

/// A format taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// `an3`, `max an20`, `min an3 max an5`: characters.
    Characters(Length),
    /// `n10`, `max n3`, `min n6 max n18`: digits. `max s3`: also after a minus sign.
    Digits {
        /// How many.
        length: Length,
        /// Whether a minus sign may stand before them; it is not counted.
        signed: bool,
    },
    /// `max n3.n1`, `max n3.max n2`: digits before and after the point. `max s3.n1`: also after a minus sign.
    Decimal {
        /// Most digits before the point.
        whole: u32,
        /// Most digits after it.
        fraction: u32,
        /// Whether a minus sign may stand before them.
        signed: bool,
    },
    /// A picture: `CCYY-MM-DD` and the like.
    Picture(Builtin),
    /// A picture without signs between its parts.
    Compact(Compact),
    /// A picture of what systems write in their own way.
    Written(Written),
}

/// How many characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    min: Option<u64>,
    max: u64,
}

impl Length {
    fn exact(self) -> bool {
        self.min == Some(self.max)
    }

    /// The fewest, when the notation says it.
    pub(super) fn least(self) -> Option<u64> {
        self.min
    }

    /// The most.
    pub(super) fn most(self) -> u64 {
        self.max
    }
}

/// Takes a format apart; `None` for notation that says more than facets can (`an3 or an5`).
pub(super) fn parse(format: &str) -> Option<Format> {
    let mut words = format.split_whitespace();
    let first = words.next()?;
    let parsed = match first {
        "min" => {
            let (letters, least) = sized(words.next()?)?;
            if words.next()? != "max" {
                return None;
            }
            let (same, most) = sized(words.next()?)?;
            if letters != same || least > most {
                return None;
            }
            of_letters(letters, Some(least), most)
        }
        "max" => {
            let size = words.next()?;
            if let Some((whole, fraction)) = size.split_once('.') {
                let (whole, signed) = whole_digits(whole)?;
                let fraction = match (fraction, words.clone().next()) {
                    ("max", Some(_)) => digits_of(words.next()?)?,
                    _ => digits_of(fraction)?,
                };
                Format::Decimal {
                    whole,
                    fraction,
                    signed,
                }
            } else {
                let (letters, most) = sized(size)?;
                let picture = picture(&mut words);
                if picture.is_empty() {
                    of_letters(letters, None, most)
                } else {
                    Format::Written(Written::of_picture(true, most, &picture)?)
                }
            }
        }
        size => {
            if let Some((whole, fraction)) = size.split_once('.') {
                let (whole, signed) = whole_digits(whole)?;
                Format::Decimal {
                    whole,
                    fraction: digits_of(fraction)?,
                    signed,
                }
            } else {
                let (letters, length) = sized(size)?;
                let picture = picture(&mut words);
                if picture.is_empty() {
                    of_letters(letters, Some(length), length)
                } else if let Some(compact) = Compact::of_picture(length, &picture) {
                    Format::Compact(compact)
                } else if let Some(written) = Written::of_picture(false, length, &picture) {
                    Format::Written(written)
                } else {
                    Format::Picture(of_picture(&picture)?)
                }
            }
        }
    };
    words.next().is_none().then_some(parsed)
}

/// All that stands behind a length, with one blank between words.
fn picture<'w>(words: &mut impl Iterator<Item = &'w str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

fn of_letters(letters: &str, min: Option<u64>, max: u64) -> Format {
    let length = Length { min, max };
    match letters {
        "n" | "s" => Format::Digits {
            length,
            signed: letters == "s",
        },
        _ => Format::Characters(length),
    }
}

/// `an20` as `("an", 20)`.
fn sized(text: &str) -> Option<(&str, u64)> {
    let split = text.find(|character: char| character.is_ascii_digit())?;
    let (letters, number) = text.split_at(split);
    let number = number.parse().ok()?;
    matches!(letters, "an" | "a" | "n" | "s").then_some((letters, number))
}

/// Digits before the point, and whether a minus sign may stand before them.
fn whole_digits(text: &str) -> Option<(u32, bool)> {
    match text.strip_prefix('s') {
        Some(number) => Some((number.parse().ok()?, true)),
        None => Some((digits_of(text)?, false)),
    }
}

fn digits_of(text: &str) -> Option<u32> {
    match sized(text)? {
        ("n", digits) => u32::try_from(digits).ok(),
        _ => None,
    }
}

fn of_picture(picture: &str) -> Option<Builtin> {
    match picture {
        "CCYY-MM-DD" | "YYYY-MM-DD" => Some(Builtin::Date),
        "HH:MM:SS" | "hh:mm:ss" => Some(Builtin::Time),
        "CCYY-MM-DDThh:mm:ss" | "YYYY-MM-DDThh:mm:ss" => Some(Builtin::DateTime),
        _ => None,
    }
}

/// The built-in type whose values have this format, when the definition names no base.
pub(super) fn base_of(format: Format) -> Builtin {
    match format {
        Format::Characters(_) | Format::Digits { .. } | Format::Compact(_) | Format::Written(_) => {
            Builtin::String
        }
        Format::Decimal { .. } => Builtin::Decimal,
        Format::Picture(builtin) => builtin,
    }
}

/// The facets that a format implies for values of `base`.
///
/// With a code list the codes themselves say how long they are, so `an3` implies no more than a greatest length of 3.
/// `None` when it implies nothing that facets of this base could say.
pub(super) fn implied(format: Format, base: Builtin, with_codes: bool) -> Option<Facets> {
    let mut facets = Facets::default();
    let text = matches!(
        base,
        Builtin::String | Builtin::NormalizedString | Builtin::Token
    );
    match format {
        Format::Characters(length) | Format::Digits { length, .. } if text && with_codes => {
            facets.max_length = Some(length.max);
            if !length.exact() {
                facets.min_length = length.min;
            }
        }
        Format::Characters(length) if text => {
            if length.exact() {
                facets.length = Some(length.max);
            } else {
                facets.min_length = length.min;
                facets.max_length = Some(length.max);
            }
        }
        Format::Digits { length, signed } if text => {
            let count = match (length.exact(), length.min.unwrap_or(1)) {
                (true, _) => length.max.to_string(),
                (false, least) => format!("{least},{}", length.max),
            };
            let sign = if signed { "-?" } else { "" };
            facets.patterns.push(format!("{sign}[0-9]{{{count}}}"));
        }
        Format::Digits { length, .. } if base.is_integer() => {
            facets.total_digits = u32::try_from(length.max).ok();
        }
        Format::Decimal {
            whole, fraction, ..
        } if base == Builtin::Decimal => {
            facets.total_digits = whole.checked_add(fraction);
            facets.fraction_digits = Some(fraction);
        }
        Format::Picture(builtin) if builtin == base => {}
        Format::Compact(compact) if text => facets.patterns.push(compact.pattern()),
        Format::Written(written) if text => facets.patterns.push(written.pattern()),
        _ => return None,
    }
    Some(facets)
}

/// The built-in type and the facets of a value of which the format is all that is known; `with_codes`: and its codes. A format that
/// is not understood says nothing.
pub(crate) fn value_of(format: &str, with_codes: bool) -> (Builtin, Facets) {
    let Some(format) = parse(format) else {
        return (Builtin::String, Facets::default());
    };
    let builtin = match format {
        _ if with_codes => Builtin::String,
        // Any number of digits up to the most: an amount.
        Format::Digits { length, signed } if signed || length.min.is_none() => Builtin::Integer,
        _ => base_of(format),
    };
    let facets = implied(format, builtin, with_codes).unwrap_or_default();
    (builtin, facets)
}

/// What a format implies that the steps before do not already say.
pub(super) fn beyond(mut implied: Facets, before: &[Facets]) -> Facets {
    for step in before {
        if step.patterns == implied.patterns {
            implied.patterns.clear();
        }
        drop_same(&mut implied.length, step.length);
        drop_same(&mut implied.min_length, step.min_length);
        drop_same(&mut implied.max_length, step.max_length);
        // An exact length says a least and a greatest one.
        drop_same(&mut implied.min_length, step.length);
        drop_same(&mut implied.max_length, step.length);
        drop_same(&mut implied.total_digits, step.total_digits);
        drop_same(&mut implied.fraction_digits, step.fraction_digits);
    }
    implied
}

/// Adds to `own` every facet of `implied` that it does not say itself. An exact length stands for both limits.
pub(super) fn complete(own: &mut Facets, implied: Facets) {
    if own.patterns.is_empty() {
        own.patterns = implied.patterns;
    }
    if own.length.is_none() {
        own.min_length = own.min_length.or(implied.min_length);
        own.max_length = own.max_length.or(implied.max_length);
    }
    own.length = own.length.or(implied.length);
    own.total_digits = own.total_digits.or(implied.total_digits);
    own.fraction_digits = own.fraction_digits.or(implied.fraction_digits);
}

/// Whether one of these steps has codes.
pub(super) fn has_codes(steps: &[Facets]) -> bool {
    steps.iter().any(|step| !step.enumeration.is_empty())
}

/// What a format text implies for the own step of a value, after the steps before it.
pub(super) fn implied_by(
    text: &str,
    variety: &Variety,
    before: &[Facets],
    own: &Facets,
) -> Option<Facets> {
    let (Some(format), Variety::Atomic(builtin)) = (parse(text), variety) else {
        return None;
    };
    let with_codes = has_codes(before) || !own.enumeration.is_empty();
    Some(beyond(implied(format, *builtin, with_codes)?, before))
}

/// What has still to be written beside a format so that reading gives back `facets`; `None` when the format implies a facet
/// that is not among them.
pub(super) fn remainder(facets: &Facets, implied: &Facets) -> Option<Facets> {
    let mut rest = facets.clone();
    if !implied.patterns.is_empty() && implied.patterns == facets.patterns {
        rest.patterns.clear();
    }
    drop_same(&mut rest.length, implied.length);
    drop_same(&mut rest.min_length, implied.min_length);
    drop_same(&mut rest.max_length, implied.max_length);
    drop_same(&mut rest.total_digits, implied.total_digits);
    drop_same(&mut rest.fraction_digits, implied.fraction_digits);
    let mut again = rest.clone();
    complete(&mut again, implied.clone());
    (again == *facets).then_some(rest)
}

fn drop_same<T: PartialEq + Copy>(own: &mut Option<T>, implied: Option<T>) {
    if implied.is_some() && *own == implied {
        *own = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facets(format: &str, base: Builtin, codes: bool) -> Option<Facets> {
        implied(parse(format)?, base, codes)
    }

    #[test]
    fn notation_implies_facets() {
        let of = |format, base| facets(format, base, false).expect("implies facets");
        assert_eq!(of("an8", Builtin::String).length, Some(8));
        assert_eq!(of("max an20", Builtin::String).max_length, Some(20));
        assert_eq!(of("max an20", Builtin::String).min_length, None);
        let between = of("min an3 max an5", Builtin::String);
        assert_eq!((between.min_length, between.max_length), (Some(3), Some(5)));
        assert_eq!(of("n10", Builtin::String).patterns, ["[0-9]{10}"]);
        assert_eq!(
            of("min n6 max n18", Builtin::String).patterns,
            ["[0-9]{6,18}"]
        );
        assert_eq!(of("max n3", Builtin::PositiveInteger).total_digits, Some(3));
        let decimal = of("max n3.max n2", Builtin::Decimal);
        assert_eq!(
            (decimal.total_digits, decimal.fraction_digits),
            (Some(5), Some(2))
        );
        assert_eq!(of("max n3.n1", Builtin::Decimal).total_digits, Some(4));
        assert_eq!(of("an10 CCYY-MM-DD", Builtin::Date), Facets::default());
        assert_eq!(
            facets("an3", Builtin::String, true).and_then(|f| f.max_length),
            Some(3)
        );
    }

    #[test]
    fn a_sign_may_stand_before_digits() {
        assert_eq!(
            parse("max s18.max n8"),
            Some(Format::Decimal {
                whole: 18,
                fraction: 8,
                signed: true
            })
        );
        assert_eq!(
            facets("s3", Builtin::String, false).map(|facets| facets.patterns),
            Some(vec!["-?[0-9]{3}".to_owned()])
        );
        assert_eq!(parse("max n18.max s8"), None);
    }

    #[test]
    fn what_facets_cannot_say_implies_nothing() {
        for format in [
            "an3 or an5",
            "See POSTCODE",
            "",
            "an175 (5 lines each an35)",
            "an",
            "max",
            "max an",
        ] {
            assert_eq!(parse(format), None, "{format}");
        }
        assert_eq!(facets("an10 CCYY-MM-DD", Builtin::String, false), None);
    }

    #[test]
    fn what_the_base_says_is_not_said_again() {
        let base = [Facets {
            length: Some(2),
            enumeration: vec!["01".to_owned()],
            ..Facets::default()
        }];
        let variety = Variety::Atomic(Builtin::String);
        let implied = implied_by("an2", &variety, &base, &Facets::default());
        assert_eq!(implied, Some(Facets::default()));
        let own = Facets {
            length: Some(2),
            enumeration: vec!["01".to_owned()],
            ..Facets::default()
        };
        let implied = implied_by("an2", &variety, &[], &own).expect("implies a length");
        assert_eq!(remainder(&own, &implied), Some(own));
    }

    #[test]
    fn remainder_and_complete_are_inverse() {
        let implied = facets("max an20", Builtin::String, false).expect("implies facets");
        let both = Facets {
            min_length: Some(1),
            max_length: Some(20),
            ..Facets::default()
        };
        let rest = remainder(&both, &implied).expect("says no less");
        assert_eq!(
            rest,
            Facets {
                min_length: Some(1),
                ..Facets::default()
            }
        );
        assert_eq!(remainder(&Facets::default(), &implied), None);
        let shorter = Facets {
            max_length: Some(12),
            ..Facets::default()
        };
        assert_eq!(remainder(&shorter, &implied), Some(shorter));
    }
}
