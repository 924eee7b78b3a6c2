//! Damaged values and what they were.

use proptest::prelude::*;

use super::*;

/// The value is damaged in this way (its most particular damage) and was that.
#[track_caller]
fn check(kind: Kind, text: &str, expected: Option<&str>, damage: Damage) {
    let repair = repair(text.as_bytes(), kind).unwrap_or_else(|| panic!("no damage in {text:?}"));
    assert_eq!(
        (repair.text.as_deref(), repair.damages.main()),
        (expected, Some(damage)),
        "{text:?}"
    );
}

#[track_caller]
fn nothing(kind: Kind, texts: &[&str]) {
    for text in texts {
        assert_eq!(repair(text.as_bytes(), kind), None, "{text:?}");
    }
}

#[test]
fn money() {
    for (text, expected, damage) in [
        ("£12.34", "12.34", Damage::CurrencySign),
        ("£ 12.34", "12.34", Damage::CurrencySign),
        ("12.34 GBP", "12.34", Damage::CurrencySign),
        ("-£12.34", "-12.34", Damage::CurrencySign),
        ("£-12.34", "-12.34", Damage::CurrencySign),
        ("1,234.50", "1234.50", Damage::ThousandsSeparators),
        ("-1,234,567", "-1234567", Damage::ThousandsSeparators),
        ("1 234.50", "1234.50", Damage::ThousandsSeparators),
        ("1\u{a0}234.50", "1234.50", Damage::ThousandsSeparators),
        ("(1.23)", "-1.23", Damage::AccountingNegative),
        ("(£1,234.50)", "-1234.50", Damage::AccountingNegative),
        ("£(1,234.50)", "-1234.50", Damage::AccountingNegative),
        ("(0.00)", "0.00", Damage::AccountingNegative),
        ("1.23-", "-1.23", Damage::TrailingMinus),
        ("\u{2212}1.23", "-1.23", Damage::TypographicMinus),
        ("-", "0", Damage::AccountingDash),
        ("£ -", "0", Damage::AccountingDash),
        (" 1.23", "1.23", Damage::SurroundingBlanks),
        ("\u{feff}1.23", "1.23", Damage::InvisibleCharacter),
        ("1.23\u{200b}", "1.23", Damage::InvisibleCharacter),
        ("=\"1.23\"", "1.23", Damage::TextGuard),
        ("1.5E-05", "0.000015", Damage::ScientificNotation),
        ("1.2345E+02", "123.45", Damage::ScientificNotation),
        ("0E+00", "0", Damage::ScientificNotation),
        ("١٢.٥", "12.5", Damage::ForeignDigits),
    ] {
        check(Kind::Money, text, Some(expected), damage);
    }
    for text in ["€34173.59", "$5", "5 EUR", "-USD 1,000.00"] {
        let found = repair(text.as_bytes(), Kind::Money).expect("it is damaged");
        assert_eq!(found.text, None, "{text}");
        assert!(found.damages.contains(Damage::ForeignCurrency), "{text}");
    }
    check(Kind::Money, "1.23E+06", None, Damage::DigitsLost);
    check(Kind::Money, "tbc", None, Damage::PlaceholderWord);
    check(Kind::Money, "#REF!", None, Damage::SpreadsheetError);
    check(Kind::Money, "########", None, Damage::SpreadsheetError);
    check(Kind::Money, " \u{a0}", Some(""), Damage::NoBreakSpace);
    nothing(
        Kind::Money,
        &[
            "",
            "1.23",
            "-1.23",
            "0",
            ".5",
            "007",
            "1,23",
            "12,34,567",
            "1.234,56",
            "1,234,5",
            "abc",
            "£",
            "()",
            "(-1",
            "1.2.3",
            "--1",
            "1e999999999999",
            "£££1",
            "#1",
            "1 2 3",
        ],
    );
    // A pound of one byte in a file that is not UTF-8.
    let repaired = repair(b"\xa312.34", Kind::Money).and_then(|repair| repair.text);
    assert_eq!(repaired.as_deref(), Some("12.34"));
    assert_eq!(repair(b"\xff1", Kind::Money), None);
}

#[test]
fn digits() {
    for (text, expected, damage) in [
        ("943 476 5919", "9434765919", Damage::DigitGroups),
        ("943-476-5919", "9434765919", Damage::DigitGroups),
        ("9434765919.0", "9434765919", Damage::TrailingZeroFraction),
        ("9.434765919E+09", "9434765919", Damage::ScientificNotation),
        ("'0123", "0123", Damage::TextGuard),
        ("0123\u{a0}", "0123", Damage::NoBreakSpace),
        ("٩٤٣٤٧٦٥٩١٩", "9434765919", Damage::ForeignDigits),
        ("９４３４７６５９１９", "9434765919", Damage::ForeignDigits),
    ] {
        check(Kind::Digits, text, Some(expected), damage);
    }
    check(Kind::Digits, "9.43477E+09", None, Damage::DigitsLost);
    check(Kind::Digits, "-", None, Damage::PlaceholderWord);
    nothing(
        Kind::Digits,
        &[
            "9434765919",
            "0123",
            "-12",
            "12.5",
            "ABC",
            "2025-04-01",
            "9.43E-05",
            "943--4765919",
        ],
    );
}

#[test]
fn whole_numbers() {
    check(
        Kind::WholeNumber,
        "12.0",
        Some("12"),
        Damage::TrailingZeroFraction,
    );
    check(
        Kind::WholeNumber,
        "12.00",
        Some("12"),
        Damage::TrailingZeroFraction,
    );
    check(
        Kind::WholeNumber,
        "1,234",
        Some("1234"),
        Damage::ThousandsSeparators,
    );
    check(
        Kind::WholeNumber,
        "(3)",
        Some("-3"),
        Damage::AccountingNegative,
    );
    check(
        Kind::WholeNumber,
        "+3 ",
        Some("3"),
        Damage::SurroundingBlanks,
    );
    nothing(
        Kind::WholeNumber,
        &["12", "-12", "12.5", "£12", "12.", ".0"],
    );
    nothing(Kind::Number, &["12.00", "1E3456789"]);
}

#[test]
fn dates() {
    for (text, expected, damage) in [
        ("45748", "2025-04-01", Damage::SpreadsheetDate),
        ("45748.0", "2025-04-01", Damage::SpreadsheetDate),
        ("40000", "2009-07-06", Damage::SpreadsheetDate),
        ("36585", "2000-02-29", Damage::SpreadsheetDate),
        ("4/23/2025 12:00:00 AM", "2025-04-23", Damage::AmericanDate),
        ("1/4/2025 12:00:00 AM", "2025-01-04", Damage::AmericanDate),
        ("4/23/2025", "2025-04-23", Damage::AmericanDate),
        ("23/04/2025", "2025-04-23", Damage::DayFirstDate),
        ("23.4.2025", "2025-04-23", Damage::DayFirstDate),
        ("04/04/2025", "2025-04-04", Damage::DayFirstDate),
        ("23/04/2025 00:00", "2025-04-23", Damage::DayFirstDate),
        ("1-Apr-2025", "2025-04-01", Damage::NamedMonth),
        ("1 April 2025", "2025-04-01", Damage::NamedMonth),
        ("Apr  1 2025 12:00AM", "2025-04-01", Damage::NamedMonth),
        ("20250401", "2025-04-01", Damage::DateSeparators),
        ("2025/04/01", "2025-04-01", Damage::DateSeparators),
        ("2025-4-1", "2025-04-01", Damage::DateSeparators),
        ("2025-04-01 00:00:00", "2025-04-01", Damage::TimeBehindDate),
        (
            "2025-04-01T13:45:00.000",
            "2025-04-01",
            Damage::TimeBehindDate,
        ),
        (
            "2025\u{2013}04\u{2013}01",
            "2025-04-01",
            Damage::TypographicMinus,
        ),
        (" 2025-04-01", "2025-04-01", Damage::SurroundingBlanks),
    ] {
        check(Kind::Date, text, Some(expected), damage);
    }
    for text in ["01/04/2025", "1/4/25", "23/04/25", "1-Apr-25"] {
        check(Kind::Date, text, None, Damage::AmbiguousDate);
    }
    check(Kind::Date, "TBC", None, Damage::PlaceholderWord);
    nothing(
        Kind::Date,
        &[
            "2025-04-01",
            "2025-02-30",
            "31/02/2025",
            "13/13/2025",
            "20251301",
            "2025",
            "4574",
            "045748",
            "457480",
            "45748.x",
            "1-Foo-2025",
            "00/00/2025",
            "2025-04-01T25:00:00",
            "12:00",
            "T12:00",
            "2025-04-01Z",
        ],
    );
}

#[test]
fn date_times() {
    for (text, expected, damage) in [
        (
            "2025-04-01 10:15:30",
            "2025-04-01T10:15:30",
            Damage::TimeSpelling,
        ),
        (
            "2025-04-01T10:15",
            "2025-04-01T10:15:00",
            Damage::TimeSpelling,
        ),
        (
            "2025-04-01T10:15:30.1234567",
            "2025-04-01T10:15:30",
            Damage::TimeSpelling,
        ),
        (
            "4/23/2025 1:05:09 PM",
            "2025-04-23T13:05:09",
            Damage::AmericanDate,
        ),
        (
            "23/04/2025 10:15",
            "2025-04-23T10:15:00",
            Damage::DayFirstDate,
        ),
        (
            "23/04/2025T10:15:30",
            "2025-04-23T10:15:30",
            Damage::DayFirstDate,
        ),
        (
            "20250401101530",
            "2025-04-01T10:15:30",
            Damage::TimeSpelling,
        ),
        ("45748.5", "2025-04-01T12:00:00", Damage::SpreadsheetDate),
        (
            "45748.4274305556",
            "2025-04-01T10:15:30",
            Damage::SpreadsheetDate,
        ),
        (
            "45748.99999999",
            "2025-04-02T00:00:00",
            Damage::SpreadsheetDate,
        ),
        (
            "2025-04-01T10:15:30 ",
            "2025-04-01T10:15:30",
            Damage::SurroundingBlanks,
        ),
    ] {
        check(Kind::DateTime, text, Some(expected), damage);
    }
    check(Kind::DateTime, "45748", None, Damage::SpreadsheetDate);
    check(
        Kind::DateTime,
        "01/04/2025 10:15",
        None,
        Damage::AmbiguousDate,
    );
    nothing(
        Kind::DateTime,
        &[
            "2025-04-01T10:15:30",
            "2025-04-01",
            "2025-04-01T13:00 PM",
            "2025-04-01T10:15:30Z",
            "10:15",
        ],
    );
}

#[test]
fn financial_years_and_months() {
    for text in [
        "2025/26",
        "2025-26",
        "2025-2026",
        "2025/2026",
        "2025 / 26",
        "FY2025/26",
        "25/26",
        "2526",
        "20252026",
    ] {
        check(
            Kind::FinancialYear,
            text,
            Some("202526"),
            Damage::FinancialYearSpelling,
        );
    }
    check(
        Kind::FinancialYear,
        "202526.0",
        Some("202526"),
        Damage::TrailingZeroFraction,
    );
    check(
        Kind::FinancialYear,
        "1999/00",
        Some("199900"),
        Damage::FinancialYearSpelling,
    );
    nothing(
        Kind::FinancialYear,
        &[
            "202526",
            "2025/27",
            "202527",
            "2025",
            "2025-2027",
            "26/25",
            "2025/6",
            "/",
            "FY",
            "2025/٢٦x",
            // The year that begins in 2021, or 2020/21?
            "2021",
        ],
    );
    for (text, expected) in [
        ("M1", "1"),
        ("M01", "1"),
        ("Month 12", "12"),
        ("April", "1"),
        ("MAR", "12"),
        ("May", "2"),
        ("Apr-25", "1"),
        ("January 2026", "10"),
    ] {
        check(
            Kind::FinancialMonth,
            text,
            Some(expected),
            Damage::FinancialMonthSpelling,
        );
    }
    for (text, starting) in [
        ("Apr-25", Some(2025)),
        ("Mar-25", Some(2024)),
        ("January 2026", Some(2025)),
        ("April", None),
        ("M1", None),
    ] {
        let expected = starting.and_then(crate::financial::FinancialYear::starting);
        assert_eq!(super::year_of_month(text), expected, "{text}");
    }
    check(
        Kind::FinancialMonth,
        "1.0",
        Some("1"),
        Damage::TrailingZeroFraction,
    );
    nothing(
        Kind::FinancialMonth,
        &[
            "1", "01", "12", "13", "0", "M13", "M", "Foo", "April x", "2025-04",
        ],
    );
}

#[test]
fn texts() {
    check(
        Kind::Text,
        " Ward 1 ",
        Some("Ward 1"),
        Damage::SurroundingBlanks,
    );
    check(
        Kind::Text,
        "Ward\u{a0}1",
        Some("Ward 1"),
        Damage::NoBreakSpace,
    );
    check(
        Kind::Text,
        "\u{feff}Ward",
        Some("Ward"),
        Damage::InvisibleCharacter,
    );
    nothing(Kind::Text, &["Ward 1", "TBC", "Zoë", "(1.23)", "="]);
    assert_eq!(repair(&vec![b'x'; 100_000], Kind::Text), None);
    assert_eq!(repair(&vec![b'('; 100_000], Kind::Money), None);
}

/// Pieces of which damaged values are made, so that chance finds the deep branches.
fn damaged() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "1", "23", "2025", "26", "04", "45748", "0", ".", ",", "-", "/", " ", ":", "(", ")", "£",
        "E+", "e-", "T", "AM", "PM", "Apr", "M", "\u{a0}", "\u{200b}", "\u{2212}", "٣", "'", "=\"",
        "\"", "#", "TBC", "É",
    ]);
    prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// What is suggested has the form that is wanted, and nothing more to repair.
    #[test]
    fn suggestions_are_sound(text in damaged(), kind in prop::sample::select(Kind::ALL.to_vec())) {
        if let Some(repaired) = repair(text.as_bytes(), kind) {
            prop_assert!(!repaired.damages.is_empty());
            if let Some(suggested) = repaired.text {
                prop_assert!(suggested.is_empty() || kind.is_sound(suggested.as_bytes()), "{:?} {}", kind, suggested);
                prop_assert_eq!(repair(suggested.as_bytes(), kind), None);
            }
        }
    }

    /// No bytes at all bring it down.
    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..160), kind in prop::sample::select(Kind::ALL.to_vec())) {
        repair(&bytes, kind);
    }

    /// An amount as accounts print it, made the other way round: from pence to separators, brackets and sign.
    #[test]
    fn amounts_come_back(pence in -100_000_000_000_i64..100_000_000_000, sign in prop::sample::select(vec!["", "£", "£ "])) {
        let (pounds, rest) = (pence.unsigned_abs() / 100, pence.unsigned_abs() % 100);
        let mut printed = String::new();
        let digits = pounds.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                printed.push(',');
            }
            printed.push(digit);
        }
        let printed = format!("{sign}{printed}.{rest:02}");
        let printed = if pence < 0 { format!("({printed})") } else { printed };
        let suggested = match repair(printed.as_bytes(), Kind::Money) {
            Some(repair) => repair.text.expect("an amount"),
            None => printed,
        };
        let decimal = decimal::Decimal::parse(suggested.as_bytes()).expect("a number");
        prop_assert_eq!(Some(decimal), decimal::Decimal::new(i128::from(pence), 2));
    }

    /// The days of spreadsheets against the calendar's own count from a known day (1 January 2000 is 36526).
    #[test]
    fn spreadsheet_days_are_days(offset in -26_000_i32..63_000) {
        let day = jiff::civil::date(2000, 1, 1).checked_add(jiff::Span::new().days(offset)).expect("a day");
        let repaired = repair((36_526 + offset).to_string().as_bytes(), Kind::Date).and_then(|repair| repair.text);
        prop_assert_eq!(repaired, Some(day.to_string()));
    }

    /// Dates and times in the orders of two countries mean the same moment.
    #[test]
    fn orders_of_dates(year in 1900..2100_i16, month in 1..=12_i8, day in 1..=28_i8, hour in 0..24_i8, minute in 0..60_i8) {
        let wanted = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00");
        let (half, twelve) = if hour < 12 { ("AM", hour) } else { ("PM", hour - 12) };
        let twelve = if twelve == 0 { 12 } else { twelve };
        let american = format!("{month}/{day}/{year} {twelve}:{minute:02}:00 {half}");
        prop_assert_eq!(repair(american.as_bytes(), Kind::DateTime).and_then(|repair| repair.text), Some(wanted.clone()));
        let british = repair(format!("{day:02}/{month:02}/{year} {hour:02}:{minute:02}").as_bytes(), Kind::DateTime).expect("damaged");
        if day > 12 || day == month {
            prop_assert_eq!(british.text, Some(wanted));
        } else {
            prop_assert_eq!(british.text, None);
        }
    }
}
