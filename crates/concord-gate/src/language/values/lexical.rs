//! The lexical spaces of the built-in types as regular expressions: XML Schema part 2, sections 3.2 and 3.3.

use concord_standards::schema::Builtin;
use concord_standards::value::Pattern;

use super::shape::Unit;

/// The built-in type whose lexical space stands for that of `builtin`, ranges of numbers left aside.
pub(super) fn space(builtin: Builtin) -> Builtin {
    match builtin {
        Builtin::AnySimpleType | Builtin::NormalizedString | Builtin::Token => Builtin::String,
        Builtin::UnsignedInt | Builtin::UnsignedShort | Builtin::UnsignedByte => {
            Builtin::UnsignedLong
        }
        Builtin::UnsignedLong => builtin,
        other if other.is_integer() => Builtin::Integer,
        other => other,
    }
}

/// The primitive type.
pub(super) fn primitive(builtin: Builtin) -> Builtin {
    match builtin {
        Builtin::AnySimpleType => Builtin::String,
        _ => std::iter::successors(Some(builtin), |builtin| builtin.base())
            .last()
            .unwrap_or(builtin),
    }
}

/// What the length facets of a primitive type count; `None` when they restrict nothing.
pub(super) fn unit(primitive: Builtin) -> Option<Unit> {
    match primitive {
        Builtin::String | Builtin::AnyUri => Some(Unit::Characters),
        Builtin::HexBinary => Some(Unit::Hexadecimal),
        Builtin::Base64Binary => Some(Unit::Base64),
        _ => None,
    }
}

/// Smallest and greatest number of a built-in integer type.
pub(super) fn range(builtin: Builtin) -> (Option<&'static str>, Option<&'static str>) {
    match builtin {
        Builtin::NonPositiveInteger => (None, Some("0")),
        Builtin::NegativeInteger => (None, Some("-1")),
        Builtin::NonNegativeInteger => (Some("0"), None),
        Builtin::PositiveInteger => (Some("1"), None),
        Builtin::Long => (Some("-9223372036854775808"), Some("9223372036854775807")),
        Builtin::Int => (Some("-2147483648"), Some("2147483647")),
        Builtin::Short => (Some("-32768"), Some("32767")),
        Builtin::Byte => (Some("-128"), Some("127")),
        Builtin::UnsignedLong => (Some("0"), Some("18446744073709551615")),
        Builtin::UnsignedInt => (Some("0"), Some("4294967295")),
        Builtin::UnsignedShort => (Some("0"), Some("65535")),
        Builtin::UnsignedByte => (Some("0"), Some("255")),
        _ => (None, None),
    }
}

/// Every text that XML 1.0 can hold.
pub(super) const ANY_TEXT: &str = r"[\t\n\r\x20-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]*";

/// A year, which is never zero and has no leading zero when it has more than four digits.
const YEAR: &str = "-?(?:[1-9][0-9]{3,17}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])";
/// A year with a 29 February.
const LEAP_YEAR: &str = concat!(
    "-?(?:(?:[1-9][0-9]{0,13})?(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)",
    "|[1-9][0-9]{0,13}0000)"
);
const MONTH: &str = "(?:0[1-9]|1[0-2])";
const DAY: &str = "(?:0[1-9]|[12][0-9]|3[01])";
/// Month and day of a common year.
const MONTH_DAY: &str = concat!(
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)",
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
);
const TIME: &str = concat!(
    r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?",
    r"|24:00:00(?:\.0+)?)"
);
const ZONE: &str = "(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?";
const DECIMAL: &str = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)";
/// A count of a duration: at most 18 digits that count.
const COUNT: &str = "0*[0-9]{1,18}";

/// The lexical space as an expression of the `regex` crate; `None` for types that no value checker takes.
///
/// URIs with brackets are left out: see [`BRACKETS`].
pub(super) fn expression(space: Builtin) -> Option<String> {
    let date = || format!("(?:{YEAR}-{MONTH_DAY}|{LEAP_YEAR}-02-29)");
    let name = |pattern| Pattern::compile(&[pattern]).ok().map(|it| it.expression());
    let text = match space {
        Builtin::String => ANY_TEXT.to_owned(),
        Builtin::Language => "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*".to_owned(),
        Builtin::Name => return name(r"\i\c*"),
        Builtin::NcName => return name(r"[\i-[:]][\c-[:]]*"),
        Builtin::NmToken => return name(r"\c+"),
        Builtin::QName => return name(r"([\i-[:]][\c-[:]]*:)?[\i-[:]][\c-[:]]*"),
        Builtin::AnyUri => {
            let escape = "%[0-9A-Fa-f]{2}";
            let plain = format!(r"(?:[^%#\[\]]|{escape})");
            let segment = format!(r"(?:[^%#\[\]:/?]|{escape})");
            format!(
                "(?:[A-Za-z][A-Za-z0-9+.-]*:{plain}+|{segment}*(?:[/?]{plain}*)?)(?:#{plain}*)?"
            )
        }
        Builtin::Boolean => "true|false|1|0".to_owned(),
        Builtin::Decimal => DECIMAL.to_owned(),
        Builtin::Integer => "[+-]?[0-9]+".to_owned(),
        Builtin::UnsignedLong => "[0-9]+".to_owned(),
        Builtin::Float | Builtin::Double => {
            format!("-?INF|NaN|{DECIMAL}(?:[eE][+-]?[0-9]+)?")
        }
        Builtin::Duration => {
            let date = format!("(?:{COUNT}Y)?(?:{COUNT}M)?(?:{COUNT}D)?");
            let some_date =
                format!("(?:{COUNT}Y(?:{COUNT}M)?(?:{COUNT}D)?|{COUNT}M(?:{COUNT}D)?|{COUNT}D)");
            let seconds = format!(r"{COUNT}(?:\.[0-9]+)?S");
            let time = format!(
                "T(?:{COUNT}H(?:{COUNT}M)?(?:{seconds})?|{COUNT}M(?:{seconds})?|{seconds})"
            );
            format!("-?P(?:{some_date}|{date}{time})")
        }
        Builtin::DateTime => format!("{}T{TIME}{ZONE}", date()),
        Builtin::Time => format!("{TIME}{ZONE}"),
        Builtin::Date => format!("{}{ZONE}", date()),
        Builtin::GYearMonth => format!("{YEAR}-{MONTH}{ZONE}"),
        Builtin::GYear => format!("{YEAR}{ZONE}"),
        Builtin::GMonthDay => format!("--(?:{MONTH_DAY}|02-29){ZONE}"),
        Builtin::GDay => format!("---{DAY}{ZONE}"),
        Builtin::GMonth => format!("--{MONTH}{ZONE}"),
        Builtin::HexBinary => "(?:[0-9A-Fa-f]{2})*".to_owned(),
        Builtin::Base64Binary => {
            let digit = "[A-Za-z0-9+/] ?";
            format!(
                "(?:(?:{digit}){{4}})*(?:(?:{digit}){{2}}[AEIMQUYcgkosw048] ?= ?|{digit}[AQgw] ?= ?= ?)?"
            )
        }
        _ => return None,
    };
    Some(format!(r"\A(?:{text})\z"))
}

/// URIs with brackets, whose addresses are not looked into.
pub(super) const BRACKETS: &str = r"\A(?s:.)*[\[\]](?s:.)*\z";
