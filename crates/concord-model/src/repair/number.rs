//! Numbers: signs, separators, currency, brackets, scientific notation.

use super::damage::{Damage, Damages};
use super::{Kind, Outcome};

/// The greatest power of ten that is written out.
const MOST_ZEROS: usize = 40;

/// A number of the kind from a text without blanks around it.
pub(super) fn number(text: &str, kind: Kind, damages: &mut Damages) -> Outcome {
    let plain = with_ascii(text, damages);
    let amount = matches!(kind, Kind::Money | Kind::Number);
    let (negative, unsigned) = signed(&plain, amount, damages);
    if amount && unsigned == "-" {
        damages.insert(Damage::AccountingDash);
        return Outcome::Repaired("0".to_owned());
    }
    let Some(joined) = joined(unsigned, kind, damages) else {
        return Outcome::Unknown;
    };
    let digits = match in_full(&joined, damages) {
        InFull::Digits(digits) => digits,
        InFull::Lost => return Outcome::Lost,
        InFull::Unknown => return Outcome::Unknown,
    };
    let digits = if amount {
        digits
    } else {
        match whole(digits, damages) {
            Some(digits) => digits,
            None => return Outcome::Unknown,
        }
    };
    let nothing = !digits.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    if negative && kind == Kind::Digits {
        return Outcome::Unknown;
    }
    if damages.contains(Damage::ForeignCurrency) {
        return Outcome::Lost;
    }
    Outcome::Repaired(if negative && !nothing {
        format!("-{digits}")
    } else {
        digits
    })
}

/// Digits of other scripts and typographic dashes as ASCII.
pub(super) fn with_ascii(text: &str, damages: &mut Damages) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.chars()
        .map(|character| match character {
            '\u{2212}' | '\u{2013}' | '\u{2014}' | '\u{2010}' | '\u{2011}' | '\u{FF0D}' => {
                damages.insert(Damage::TypographicMinus);
                '-'
            }
            other => match foreign_digit(other) {
                Some(digit) => {
                    damages.insert(Damage::ForeignDigits);
                    digit
                }
                None => other,
            },
        })
        .collect()
}

/// Arabic-Indic, extended Arabic-Indic, Devanagari, Bengali and full-width digits.
fn foreign_digit(character: char) -> Option<char> {
    [0x0660, 0x06F0, 0x0966, 0x09E6, 0xFF10]
        .into_iter()
        .find_map(|zero| char::from_digit(u32::from(character).checked_sub(zero)?, 10))
}

/// Whether the number is negative, and what is left of it without sign, brackets and currency.
fn signed<'a>(text: &'a str, amount: bool, damages: &mut Damages) -> (bool, &'a str) {
    let (mut negative, mut text) = (false, text);
    if let Some(inner) = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
    {
        damages.insert(Damage::AccountingNegative);
        (negative, text) = (true, inner.trim());
    }
    // The sign may stand before or behind the currency: -£1, £-1, £(1).
    for _ in 0..2 {
        if !negative && text.len() > 1 {
            if let Some(rest) = text.strip_prefix('-') {
                (negative, text) = (true, rest.trim_start());
            } else if let Some(rest) = text
                .strip_suffix('-')
                .filter(|rest| rest.ends_with(is_digit))
            {
                damages.insert(Damage::TrailingMinus);
                (negative, text) = (true, rest.trim_end());
            } else if let Some(rest) = text.strip_prefix('+') {
                text = rest.trim_start();
            }
        }
        if amount && let Some((rest, damage)) = without_currency(text) {
            damages.insert(damage);
            text = rest;
            if let Some(inner) = text
                .strip_prefix('(')
                .and_then(|text| text.strip_suffix(')'))
            {
                damages.insert(Damage::AccountingNegative);
                (negative, text) = (true, inner.trim());
            }
        }
    }
    (negative, text)
}

fn without_currency(text: &str) -> Option<(&str, Damage)> {
    let strip = |signs: &[&str], damage: Damage| {
        signs.iter().find_map(|sign| {
            let before = text.strip_prefix(sign).map(str::trim_start);
            let rest = before.or_else(|| text.strip_suffix(sign).map(str::trim_end))?;
            Some((rest, damage))
        })
    };
    strip(&["£", "GBP"], Damage::CurrencySign)
        .or_else(|| strip(&["€", "EUR", "$", "USD"], Damage::ForeignCurrency))
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}

/// The text without separators, when they stand where separators stand.
fn joined(text: &str, kind: Kind, damages: &mut Damages) -> Option<String> {
    if !text.contains([',', ' ', '-']) || text.contains(['e', 'E']) {
        return Some(text.to_owned());
    }
    if kind == Kind::Digits && is_grouped(text) {
        damages.insert(Damage::DigitGroups);
        return Some(text.replace([' ', '-'], ""));
    }
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if fraction.is_some_and(|fraction| !fraction.chars().all(is_digit)) {
        return None;
    }
    let separator = if whole.contains(',') { ',' } else { ' ' };
    let mut groups = whole.split(separator);
    let first = groups
        .next()
        .is_some_and(|first| (1..=3).contains(&first.len()));
    if !first || !groups.all(|group| group.len() == 3) {
        return None;
    }
    let whole: String = whole.split(separator).collect();
    if !whole.chars().all(is_digit) {
        return None;
    }
    damages.insert(Damage::ThousandsSeparators);
    Some(match fraction {
        Some(fraction) => format!("{whole}.{fraction}"),
        None => whole,
    })
}

/// Groups of digits with single blanks between, or the 3-3-4 of an NHS number with hyphens.
fn is_grouped(text: &str) -> bool {
    let digits = |group: &str| !group.is_empty() && group.chars().all(is_digit);
    if text.contains('-') {
        let lengths = text.split('-').map(str::len);
        return text.split('-').all(digits) && lengths.eq([3, 3, 4]);
    }
    text.split(' ').all(digits)
}

enum InFull {
    Digits(String),
    Lost,
    Unknown,
}

/// A number without an exponent. Zeros that an exponent would add may stand for digits that were cut off, so they are
/// never made up.
fn in_full(text: &str, damages: &mut Damages) -> InFull {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return InFull::Digits(text.to_owned());
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (down, exponent) = match exponent.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, exponent.strip_prefix('+').unwrap_or(exponent)),
    };
    let all = |text: &str| text.chars().all(is_digit);
    let plausible =
        whole.len() == 1 && all(whole) && all(fraction) && !exponent.is_empty() && all(exponent);
    let places = exponent
        .parse::<usize>()
        .ok()
        .filter(|&places| places <= MOST_ZEROS);
    let (true, Some(places)) = (plausible, places) else {
        return InFull::Unknown;
    };
    let digits = format!("{whole}{fraction}");
    if digits.bytes().all(|digit| digit == b'0') {
        damages.insert(Damage::ScientificNotation);
        return InFull::Digits("0".to_owned());
    }
    if !down && places > fraction.len() {
        damages.insert(Damage::DigitsLost);
        return InFull::Lost;
    }
    damages.insert(Damage::ScientificNotation);
    InFull::Digits(if down && places > 0 {
        format!("0.{}{digits}", "0".repeat(places - 1))
    } else {
        let (whole, fraction) = digits.split_at(1 + places);
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{whole}{point}{fraction}")
    })
}

/// The digits of a whole number, `.0` left out; `None` when there is a fraction.
fn whole(text: String, damages: &mut Damages) -> Option<String> {
    let Some((whole, fraction)) = text.split_once('.') else {
        return Some(text);
    };
    if whole.is_empty() || fraction.is_empty() || fraction.bytes().any(|digit| digit != b'0') {
        return None;
    }
    damages.insert(Damage::TrailingZeroFraction);
    Some(whole.to_owned())
}
