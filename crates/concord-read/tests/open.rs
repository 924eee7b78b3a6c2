//! Opening inputs: every kind, cut off everywhere, bombs, encodings, and the paths of a command line.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use concord_read::{
    Compression, Detection, Encoding, Input, Limits, ReadError, ReadErrorKind, expand, open,
};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a><b>Siân, £9, 8 €</b></a>\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

fn zipped(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in entries {
        if name.ends_with('/') {
            writer.add_directory(*name, options).unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    zipped(entries, CompressionMethod::Deflated)
}

fn read(input: &Input, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    let mut opened = open(input, limits)?;
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 1000];
    loop {
        let count = opened.fill(&mut buffer)?;
        bytes.extend_from_slice(&buffer[..count]);
        if count < buffer.len() {
            assert_eq!(opened.given_bytes(), bytes.len() as u64);
            return Ok(bytes);
        }
    }
}

fn read_bytes(bytes: Vec<u8>) -> Result<Vec<u8>, ReadError> {
    read(&Input::bytes("test", bytes), &Limits::default())
}

fn message(bytes: Vec<u8>) -> String {
    read_bytes(bytes).unwrap_err().to_string()
}

/// Text that does not compress to next to nothing, so that there are many places to cut it.
fn varied(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"abcdefghijklmnop"[(state >> 24) as usize % 16]
        })
        .collect()
}

#[test]
fn every_wrapping_gives_the_same_bytes() {
    for (bytes, compression) in [
        (XML.as_bytes().to_vec(), None),
        (gzip(XML.as_bytes()), Some(Compression::Gzip)),
        (zstd(XML.as_bytes()), Some(Compression::Zstd)),
        (zip(&[("may.xml", XML.as_bytes())]), Some(Compression::Zip)),
        (
            zipped(&[("may.xml", XML.as_bytes())], CompressionMethod::Stored),
            Some(Compression::Zip),
        ),
    ] {
        let input = Input::bytes("test", bytes.clone());
        let mut opened = open(&input, &Limits::default()).unwrap();
        assert_eq!(opened.compression(), compression);
        assert_eq!(opened.encoding(), Encoding::Utf8);
        assert_eq!(opened.detection(), Detection::Declaration);
        assert_eq!(opened.size(), Some(bytes.len() as u64));
        let mut text = String::new();
        opened.read_to_string(&mut text).unwrap();
        assert_eq!(text, XML);
        if compression != Some(Compression::Zip) {
            assert_eq!(opened.disk_bytes(), bytes.len() as u64);
        }
    }
}

#[test]
fn members_and_frames_in_a_row_are_one_stream() {
    let (first, second) = XML.as_bytes().split_at(30);
    for wrap in [gzip, zstd] {
        let bytes = [wrap(first), wrap(second)].concat();
        assert_eq!(read_bytes(bytes).unwrap(), XML.as_bytes());
    }
}

#[test]
fn zeros_behind_a_gzip_stream_are_padding() {
    let (first, second) = XML.as_bytes().split_at(30);
    for padding in [1, 9, 10, 512, 300_000] {
        let zeros = vec![0; padding];
        let one = [gzip(XML.as_bytes()), zeros.clone()].concat();
        assert_eq!(read_bytes(one).unwrap(), XML.as_bytes());
        let two = [gzip(first), zeros.clone(), gzip(second), zeros].concat();
        assert_eq!(read_bytes(two).unwrap(), XML.as_bytes());
    }
}

#[test]
fn what_else_stands_behind_a_gzip_stream_is_told() {
    for more in ["x", "\n", "<more/>", "more than ten bytes", "\0\0x"] {
        let bytes = [&gzip(XML.as_bytes()), more.as_bytes()].concat();
        let error = read_bytes(bytes).expect_err(more);
        let ReadErrorKind::Behind { decoded, .. } = error.kind() else {
            panic!("{more}: {error}");
        };
        assert_eq!(*decoded, XML.len() as u64);
    }
}

#[test]
fn cut_off_anywhere_is_an_error() {
    let text = varied(600);
    for (name, whole, magic) in [
        ("gzip", gzip(&text), 2),
        ("zstd", zstd(&text), 4),
        ("zip", zip(&[("a.xml", &text)]), 4),
        (
            "stored",
            zipped(&[("a.xml", &text)], CompressionMethod::Stored),
            4,
        ),
    ] {
        assert_eq!(read_bytes(whole.clone()).unwrap(), text, "{name}");
        // Less than the first bytes that tell the form is handed on as it is, and is nobody's XML.
        for cut in magic..whole.len() {
            let error = read_bytes(whole[..cut].to_vec())
                .expect_err(&format!("{name} cut at {cut} of {}", whole.len()));
            assert!(
                matches!(
                    error.kind(),
                    ReadErrorKind::Truncated { .. } | ReadErrorKind::Corrupt { .. }
                ),
                "{name} cut at {cut}: {error}"
            );
            if name == "gzip" || name == "zstd" {
                assert!(
                    matches!(error.kind(), ReadErrorKind::Truncated { .. }),
                    "{name} cut at {cut}: {error}"
                );
            }
        }
    }
}

#[test]
fn a_byte_changed_anywhere_never_changes_what_is_read() {
    let text = varied(300);
    for (name, whole) in [
        ("gzip", gzip(&text)),
        ("zip", zip(&[("a.xml", &text)])),
        (
            "stored",
            zipped(&[("a.xml", &text)], CompressionMethod::Stored),
        ),
    ] {
        for index in 4..whole.len() {
            let mut bytes = whole.clone();
            bytes[index] ^= 0x10;
            if let Ok(read) = read_bytes(bytes) {
                assert_eq!(read, text, "{name} changed at {index}");
            }
        }
    }
}

#[test]
fn bytes_after_the_end_of_a_zstd_stream_are_an_error() {
    let bytes = [&zstd(XML.as_bytes()), &b"<more/>"[..]].concat();
    let error = read_bytes(bytes).unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ReadErrorKind::Corrupt { .. } | ReadErrorKind::Truncated { .. }
        ),
        "{error}"
    );
}

#[test]
fn bombs_are_stopped() {
    let limits = Limits {
        expansion_free: 10_000,
        expansion_ratio: 50,
        ..Limits::default()
    };
    let zeros = vec![b' '; 5_000_000];
    for bytes in [gzip(&zeros), zstd(&zeros), zip(&[("a", &zeros)])] {
        let error = read(&Input::bytes("bomb", bytes.clone()), &limits).unwrap_err();
        assert!(
            matches!(error.kind(), ReadErrorKind::Expands { ratio: 50, .. }),
            "{error}"
        );
        assert_eq!(read_bytes(bytes.clone()).unwrap(), zeros);
        let limits = Limits {
            decompressed_size: 1_000_000,
            ..Limits::default()
        };
        let error = read(&Input::bytes("bomb", bytes), &limits).unwrap_err();
        assert_eq!(
            error.to_string(),
            "bomb: more than 1000000 bytes when decompressed"
        );
    }
}

#[test]
fn what_is_not_opened_says_so() {
    assert_eq!(
        message(gzip(&zstd(XML.as_bytes()))),
        "test: zstd inside gzip is not opened"
    );
    assert_eq!(
        message(zip(&[("a.zip", &zip(&[("b", b"x")]))])),
        "test: zip inside zip is not opened"
    );
    assert_eq!(
        message(b"\xfd7zXZ\0\0\x04".to_vec()),
        "test: xz compression is not supported"
    );
    assert_eq!(
        message(zip(&[])),
        "test: holds no file that could be checked"
    );
    assert_eq!(
        message(zip(&[("a", b"x"), ("b", b"y"), ("c/", b"")])),
        "test: the archive holds 2 files where one was expected"
    );
    let limits = Limits {
        archive_entries: 1,
        ..Limits::default()
    };
    let error = read(
        &Input::bytes("test", zip(&[("a", b"x"), ("b", b"y")])),
        &limits,
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "test: the archive has 2 entries; 1 is the limit"
    );
    let mut encrypted = zip(&[("a", b"x")]);
    let directory = encrypted
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    encrypted[6] |= 1;
    encrypted[directory + 8] |= 1;
    assert_eq!(message(encrypted), "test: the archive's entry is encrypted");
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| {
            if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        })
        .collect()
}

#[test]
fn encodings_become_utf8() {
    let body = |name: &str| format!("<?xml version='1.0' encoding='{name}'?><a>");
    let with = |name: &str, bytes: &[u8]| [body(name).as_bytes(), bytes, b"</a>"].concat();
    for (bytes, expected) in [
        (
            with("windows-1252", b"Si\xe2n \x80 \x93x\x94"),
            "Siân € “x”",
        ),
        (with("iso-8859-1", b"Si\xe2n \x85"), "Siân \u{85}"),
        (with("iso-8859-15", b"\xa4"), "€"),
        (with("us-ascii", b"Sian"), "Sian"),
        (with("utf-8", "Siân 😀".as_bytes()), "Siân 😀"),
    ] {
        let text = String::from_utf8(read_bytes(bytes).unwrap()).unwrap();
        assert!(text.ends_with(&format!("<a>{expected}</a>")), "{text}");
    }
    let text = format!("\u{feff}{}Siân 😀</a>", body("UTF-16"));
    for little in [true, false] {
        let read = read_bytes(utf16(&text, little)).unwrap();
        assert_eq!(read, text.trim_start_matches('\u{feff}').as_bytes());
    }
    let marked = [b"\xef\xbb\xbf", XML.as_bytes()].concat();
    let input = Input::bytes("test", marked);
    let mut opened = open(&input, &Limits::default()).unwrap();
    let mut text = String::new();
    opened.read_to_string(&mut text).unwrap();
    assert_eq!(text, XML);
    assert_eq!(
        opened.given_bytes() + opened.mark_bytes(),
        opened.disk_bytes()
    );
}

#[test]
fn utf8_is_neither_copied_nor_judged() {
    let bytes = b"<a>\xff\xfe\x80</a>".to_vec();
    assert_eq!(read_bytes(bytes.clone()).unwrap(), bytes);
}

#[test]
fn malformed_bytes_are_errors_with_their_place() {
    let long = "x".repeat(70_000);
    for (start, bad, expected) in [
        (
            "<?xml version='1.0' encoding='windows-1252'?>",
            &b"\x81"[..],
            "Windows-1252: 81",
        ),
        (
            "<?xml version='1.0' encoding='us-ascii'?>",
            b"\xe2",
            "US-ASCII: E2",
        ),
    ] {
        for filler in ["", &long] {
            let bytes = [start.as_bytes(), filler.as_bytes(), bad, b"</a>"].concat();
            assert_eq!(
                message(bytes),
                format!(
                    "test: byte {} begins a sequence that is not {expected}",
                    start.len() + filler.len()
                )
            );
        }
    }
    // Half a pair in UTF-16, in the middle, at the end, and half a unit at the end.
    for (filler, bad, expected) in [
        ("<a>", &b"\x00\xd8x\0"[..], 8),
        ("<a>", b"\x00\xdc", 8),
        ("<a>", b"\x00\xd8", 8),
        ("<a>", b"x", 8),
        (&long, b"\x00\xd8x\0", 140_002),
        (&"x".repeat(2_047 + 32_767), b"\x00\xd8x\0", 69_630),
    ] {
        let bytes = [b"\xff\xfe", &*utf16(filler, true), bad].concat();
        let error = read_bytes(bytes).unwrap_err();
        let ReadErrorKind::Malformed {
            offset, encoding, ..
        } = error.kind()
        else {
            panic!("{error}");
        };
        assert_eq!(
            (*offset, *encoding),
            (expected, Encoding::Utf16Le),
            "{error}"
        );
    }
}

/// A fresh folder for one test.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn names(paths: &[PathBuf], root: &Path) -> Vec<String> {
    let root = format!("{}/", root.display());
    expand(paths, &Limits::default())
        .unwrap()
        .iter()
        .map(|input| input.name().replace(&root, ""))
        .collect()
}

#[test]
fn paths_are_expanded() {
    let root = folder("expand");
    for file in [
        "b.xml",
        "a/2.xml",
        "a/10.xml",
        "a/notes.txt",
        "c d.xml",
        ".hidden.xml",
        ".git/x.xml",
    ] {
        fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        fs::write(root.join(file), XML).unwrap();
    }
    fs::write(
        root.join("z.zip"),
        zip(&[
            ("may/1.xml", XML.as_bytes()),
            ("may/", b""),
            ("june.xml", XML.as_bytes()),
            ("__MACOSX/._june.xml", b"x"),
        ]),
    )
    .unwrap();
    let all = [
        "a/10.xml",
        "a/2.xml",
        "a/notes.txt",
        "b.xml",
        "c d.xml",
        "z.zip/may/1.xml",
        "z.zip/june.xml",
    ];
    assert_eq!(names(std::slice::from_ref(&root), &root), all);
    assert_eq!(names(&[root.join("*.xml")], &root), ["b.xml", "c d.xml"]);
    assert_eq!(
        names(&[root.join("**/*.xml")], &root),
        ["a/10.xml", "a/2.xml", "b.xml", "c d.xml"]
    );
    assert_eq!(
        names(&[root.join("{a,b}*")], &root),
        ["a/10.xml", "a/2.xml", "a/notes.txt", "b.xml"]
    );
    assert_eq!(
        names(
            &[root.join("b.xml"), "-".into(), root.join("a/2.xml")],
            &root
        ),
        ["b.xml", "-", "a/2.xml"]
    );
    for input in expand(std::slice::from_ref(&root), &Limits::default()).unwrap() {
        assert_eq!(
            read(&input, &Limits::default()).unwrap(),
            XML.as_bytes(),
            "{input:?}"
        );
    }
    // The working folder of a test is that of its crate.
    for pattern in ["src/lib.r?", "./src/lib.r?", "*/lib.r[s]", "./*/lib.rs"] {
        let found = expand(&[pattern.into()], &Limits::default()).unwrap();
        assert_eq!(found.len(), 1, "{pattern}");
        assert_eq!(found[0].name().starts_with("./"), pattern.starts_with("./"));
        assert!(found[0].name().ends_with("src/lib.rs"));
    }
    // A name that is really there wins over its meaning as a pattern.
    fs::write(root.join("[b].xml"), XML).unwrap();
    assert_eq!(names(&[root.join("[b].xml")], &root), ["[b].xml"]);
}

#[test]
fn paths_that_lead_nowhere_are_errors() {
    let root = folder("nowhere");
    let failed = |path: PathBuf| expand(&[path], &Limits::default()).unwrap_err();
    assert!(matches!(
        failed(root.join("no.xml")).kind(),
        ReadErrorKind::NotFound
    ));
    assert!(matches!(
        failed(root.join("*.xml")).kind(),
        ReadErrorKind::NoMatch
    ));
    assert!(matches!(
        failed(root.join("no/*.xml")).kind(),
        ReadErrorKind::NoMatch
    ));
    assert!(matches!(failed(root.clone()).kind(), ReadErrorKind::Empty));
    assert!(failed(root.join("[a.xml")).is_usage());
    let error = expand(&["-".into(), "-".into()], &Limits::default()).unwrap_err();
    assert!(matches!(error.kind(), ReadErrorKind::StdinTwice));
    assert!(matches!(
        open(&Input::file(root.join("no.xml")), &Limits::default())
            .unwrap_err()
            .kind(),
        ReadErrorKind::NotFound
    ));
}

#[test]
fn a_file_that_grows_or_shrinks_is_an_error() {
    let root = folder("changing");
    let path = root.join("a.xml");
    fs::write(&path, varied(10_000)).unwrap();
    let mut opened = open(&Input::file(&path), &Limits::default()).unwrap();
    fs::write(&path, varied(9_000)).unwrap();
    let error = opened.fill(&mut vec![0; 20_000]).unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ReadErrorKind::Changed {
                size: 10_000,
                read: 9_000
            }
        ),
        "{error}"
    );
    assert!(
        opened.read(&mut [0; 10]).is_err(),
        "no end of input after an error"
    );
}

proptest! {
    #[test]
    fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600), start in 0_usize..8) {
        let starts: [&[u8]; 8] = [
            b"", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"\x28\xb5\x2f\xfd", b"PK\x03\x04",
            b"\xff\xfe", b"\xfe\xff", b"<?xml version='1.0' encoding='windows-1252'?>", b"<?xml ",
        ];
        let _ = read_bytes([starts[start], &bytes].concat());
    }

    #[test]
    fn damaged_archives_do_not_panic(at in 0_usize..400, byte in any::<u8>(), more in 0_usize..400) {
        let text = varied(150);
        for mut whole in [gzip(&text), zstd(&text), zip(&[("a.xml", &text), ("b.xml", &text)])] {
            let length = whole.len();
            whole[at % length] = byte;
            whole[more % length] = byte.wrapping_add(1);
            let _ = read_bytes(whole.clone());
        }
    }

    #[test]
    fn wide_text_comes_back(text in "\\PC{0,200}", little in any::<bool>(), pieces in 1_usize..50) {
        let bytes = utf16(&format!("\u{feff}<a>{text}"), little);
        let mut opened = open(&Input::bytes("test", bytes), &Limits::default()).unwrap();
        let mut read = Vec::new();
        let mut buffer = vec![0; pieces];
        loop {
            let count = opened.read(&mut buffer).unwrap();
            if count == 0 { break; }
            read.extend_from_slice(&buffer[..count]);
        }
        prop_assert_eq!(String::from_utf8(read).unwrap(), format!("<a>{text}"));
    }
}
