//! Values as EDIFACT writes them, and as FHIR does.
//!
//! | name | EDIFACT | FHIR |
//! |---|---|---|
//! | (none) | a text | the same |
//! | `day` | `19920125` | `1992-01-25` |
//! | `when` | `20100223:102`, `200703270944:203` in universal time | a date, or a date with time and zone |
//! | `instant` | `200703271220` in universal time | an instant |
//! | `clock` | `070327:1611` by the clock of the United Kingdom | an instant |
//! | `number` | `20.0` | the number 20.0 |
//! | `is:Y` | `Y` | true |
//! | `map:NAME` | a code | what the table has for it |
//! | `show:NAME` | a code that is told elsewhere | what the table has for it |
//! | `unless:X` | a text that stands for none | nothing |
//! | `raw` | a text | the same with its release characters |
//! | `lines` | components of several segments | one text: blanks between components, line ends between segments |
//! | `colon` | the components of an element | one text, colons between them |
//! | `link-code` | | four characters made of a shorter code (only to EDIFACT) |

use concord_read::edifact::{Service, released, unreleased};

use crate::json::Json;
use crate::mapping::Mapping;
use crate::moment::Moment;

/// Most characters of a component of text (C108 and C080).
const TEXT: usize = 70;
/// Most components of a text (C108).
const LINES: usize = 5;

/// What fills a hole: several times, each with several components.
pub(crate) type Said = Vec<Vec<String>>;

/// A value for FHIR; `None` when it cannot be one.
pub(crate) fn to_fhir(mapping: &Mapping, transform: &str, said: &Said) -> Option<Json> {
    let text = || {
        said.first()?
            .first()
            .filter(|text| !text.is_empty())
            .cloned()
    };
    let (name, argument) = transform.split_once(':').unwrap_or((transform, ""));
    Some(match name {
        "" => Json::Text(text()?),
        "day" => Json::Text(dashed(&text()?)?),
        "when" => Json::Text(when(said.first()?)?),
        "instant" => Json::Text(Moment::universal(&text()?)?.fhir(true)),
        "clock" => {
            let [day, time, ..] = said.first()?.as_slice() else {
                return None;
            };
            Json::Text(Moment::by_the_clock(&format!("{}{time}", century(day)))?.fhir(true))
        }
        "number" => Json::Number(number(&text()?)?),
        "is" => {
            let text = text()?;
            (text == argument).then_some(Json::Boolean(true))?
        }
        "unless" => {
            let text = text()?;
            (text != argument).then_some(Json::Text(text))?
        }
        "raw" => {
            let service = Service::default();
            let lines = said.iter().map(|components| {
                let components = components.iter().map(|text| released(text, &service));
                components.collect::<Vec<_>>().join(":")
            });
            Json::Text(lines.collect::<Vec<_>>().join("\n"))
        }
        "map" | "show" => {
            let text = text()?;
            let pairs = mapping.maps.get(argument)?;
            pairs.iter().find(|(code, _)| *code == text)?.1.clone()
        }
        "lines" => {
            let segments = said.iter().map(|components| {
                let filled = components.iter().filter(|text| !text.is_empty());
                filled.map(String::as_str).collect::<Vec<_>>().join(" ")
            });
            let lines: Vec<String> = segments.collect();
            let all = lines.join("\n");
            (!all.trim().is_empty()).then_some(Json::Text(all))?
        }
        "colon" => Json::Text(said.first()?.join(":")),
        "link-code" => Json::Text(link_code(&text()?)),
        _ => return None,
    })
}

/// A value for EDIFACT; `None` when it cannot be one.
pub(crate) fn to_edifact(mapping: &Mapping, transform: &str, json: &Json) -> Option<Said> {
    let text = || json.text().filter(|text| !text.is_empty());
    let one = |text: String| vec![vec![text]];
    let (name, argument) = transform.split_once(':').unwrap_or((transform, ""));
    Some(match name {
        "" | "unless" => one(text()?.to_owned()),
        "raw" => vec![raw_components(text()?)?],
        "day" => one(undashed(text()?)?),
        "when" => vec![back_when(text()?)?],
        "instant" => one(Moment::of_fhir(text()?)?.utc()),
        "clock" => {
            let clock = Moment::of_fhir(text()?)?.clock();
            vec![vec![clock[2..8].to_owned(), clock[8..].to_owned()]]
        }
        "number" => match json {
            Json::Number(digits) => one(number(digits)?),
            _ => return None,
        },
        "is" => (*json == Json::Boolean(true)).then(|| one(argument.to_owned()))?,
        "map" => {
            let pairs = mapping.maps.get(argument)?;
            one(pairs.iter().find(|(_, value)| value == json)?.0.clone())
        }
        "lines" => {
            let lines = text()?.split('\n').map(wrapped);
            let segments = lines.flat_map(|line| {
                let segments = line.chunks(LINES).map(<[String]>::to_vec);
                segments.collect::<Said>()
            });
            segments.collect()
        }
        "colon" => vec![text()?.split(':').map(str::to_owned).collect()],
        _ => return None,
    })
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `19920125` as `1992-01-25`; of years and months, as much as there is.
fn dashed(text: &str) -> Option<String> {
    let fits = digits(text) && matches!(text.len(), 4 | 6 | 8);
    fits.then(|| match text.len() {
        4 => text.to_owned(),
        6 => format!("{}-{}", &text[..4], &text[4..]),
        _ => format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]),
    })
}

fn undashed(text: &str) -> Option<String> {
    let plain = text.replace('-', "");
    (dashed(&plain).as_deref() == Some(text)).then_some(plain)
}

/// What a date says with its format: C507 behind its qualifier.
fn when(said: &[String]) -> Option<String> {
    let text = said.first()?;
    match said.get(1).map(String::as_str) {
        Some("203") => Some(Moment::universal(text)?.fhir(false)),
        _ if text.len() == 12 => Some(Moment::universal(text)?.fhir(false)),
        _ => dashed(text),
    }
}

/// Whether a value that is only shown is one that the table has.
pub(crate) fn is_shown(mapping: &Mapping, transform: &str, json: &Json) -> bool {
    let table = transform.strip_prefix("show:");
    let pairs = table.and_then(|table| mapping.maps.get(table));
    pairs.is_some_and(|pairs| pairs.iter().any(|(_, value)| value == json))
}

fn back_when(text: &str) -> Option<Vec<String>> {
    let (plain, format) = if text.contains('T') {
        (Moment::of_fhir(text)?.utc(), "203")
    } else {
        let plain = undashed(text)?;
        let format = match plain.len() {
            4 => "602",
            6 => "610",
            _ => "102",
        };
        (plain, format)
    };
    Some(vec![plain, format.to_owned()])
}

/// The day of an interchange with its century: two digits of the year below 70 are of this one, as messages began in 1992.
pub(crate) fn century(day: &str) -> String {
    match day.get(..2).and_then(|year| year.parse::<u8>().ok()) {
        Some(year) if day.len() == 6 && year < 70 => format!("20{day}"),
        Some(_) if day.len() == 6 => format!("19{day}"),
        _ => day.to_owned(),
    }
}

/// A number that both sides write alike: JSON has neither a sign before it nor zeros before it that say nothing.
fn number(text: &str) -> Option<String> {
    let (sign, plain) = text
        .strip_prefix('-')
        .map_or(("", text), |plain| ("-", plain));
    let (whole, part) = plain.split_once('.').unwrap_or((plain, "0"));
    if !digits(whole) || !digits(part) {
        return None;
    }
    let zeros = whole.len() - whole.trim_start_matches('0').len();
    let plain = &plain[zeros.min(whole.len() - 1)..];
    Some(format!("{sign}{plain}"))
}

/// The components of a text that has its release characters: it is cut at separators that have none.
fn raw_components(text: &str) -> Option<Vec<String>> {
    let bytes = text.as_bytes();
    let (mut start, mut at) = (0, 0);
    let mut pieces = Vec::new();
    while at < bytes.len() {
        match bytes[at] {
            b'?' => at += 1,
            b':' => {
                pieces.push(&bytes[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    pieces.push(&bytes[start..]);
    let plain = pieces.into_iter().map(|piece| {
        let plain = unreleased(piece, b'?').into_owned();
        String::from_utf8(plain).ok()
    });
    plain.collect()
}

/// Text in components of at most so many characters, cut at blanks where there are some.
fn wrapped(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match out.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= TEXT => {
                line.push(' ');
                line.push_str(word);
            }
            _ => out.push(word.to_owned()),
        }
    }
    let pieces = out.iter().flat_map(|line| {
        let characters: Vec<char> = line.chars().collect();
        let pieces = characters
            .chunks(TEXT)
            .map(|piece| piece.iter().collect::<String>());
        pieces.collect::<Vec<_>>()
    });
    pieces.collect()
}

/// The link code of a health authority: its cipher, made four characters long by `01` or `1`.
fn link_code(cipher: &str) -> String {
    match cipher.chars().count() {
        2 => format!("{cipher}01"),
        3 => format!("{cipher}1"),
        _ => cipher.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_both_ways() {
        for (edifact, fhir) in [
            ("19920125", "1992-01-25"),
            ("199201", "1992-01"),
            ("1992", "1992"),
        ] {
            assert_eq!(dashed(edifact).as_deref(), Some(fhir));
            assert_eq!(undashed(fhir).as_deref(), Some(edifact));
        }
        assert_eq!(dashed("1992012"), None);
        assert_eq!(undashed("25-01-1992"), None);
        let said = ["200703270944".to_owned(), "203".to_owned()];
        assert_eq!(when(&said).as_deref(), Some("2007-03-27T10:44:00+01:00"));
        assert_eq!(back_when("2007-03-27T10:44:00+01:00"), Some(said.to_vec()));
        assert_eq!(
            back_when("2010-02-23"),
            Some(vec!["20100223".to_owned(), "102".to_owned()])
        );
        assert_eq!(century("920125"), "19920125");
        assert_eq!(century("200610"), "20200610");
    }

    #[test]
    fn texts_with_release_characters_have_components() {
        let cut = |text| raw_components(text).expect("it is text");
        assert_eq!(cut("A?:B:C??:D+E"), ["A:B", "C?", "D+E"]);
        assert_eq!(cut("A?"), ["A?"]);
    }

    #[test]
    fn texts_are_cut_at_blanks() {
        let text = "Normal. Sent following an initial single Negative result or following 2 Negative results";
        let cut = wrapped(text);
        assert_eq!(
            cut[0],
            "Normal. Sent following an initial single Negative result or following"
        );
        assert_eq!(cut.join(" "), text);
        assert_eq!(wrapped(&"x".repeat(150)).len(), 3);
        assert_eq!(number("0.370").as_deref(), Some("0.370"));
        assert_eq!(number("007").as_deref(), Some("7"));
        assert_eq!(number("-00.50").as_deref(), Some("-0.50"));
        assert_eq!(number("000").as_deref(), Some("0"));
        assert_eq!(number(""), None);
        assert_eq!(number("1e5"), None);
    }
}
