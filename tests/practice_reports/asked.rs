//! What is asked wrongly.

use std::fs;

use crate::support::concord;

#[test]
fn what_is_asked_wrongly_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(
        folder.join("list.csv"),
        "ORG_TYPE,ORG_CODE,SEX,AGE_GROUP_5,NUMBER_OF_PATIENTS\n",
    )
    .unwrap();
    fs::write(folder.join("other.csv"), "a,b\n1,2\n").unwrap();
    let ask = |arguments: &[&str], code: i32, words: &[&str]| {
        let mut all = vec!["practice", "report"];
        all.extend(arguments);
        let ran = concord(folder, &all);
        assert_eq!(ran.code, code, "{arguments:?}\n{}", ran.words());
        for word in words {
            assert!(
                ran.words().contains(word),
                "{arguments:?} {word}\n{}",
                ran.words()
            );
        }
    };
    ask(&[], 0, &["list-size", "--with activity=PATH"]);
    ask(
        &["list-sizes"],
        2,
        &["there is no report `list-sizes`", "list-size, membership"],
    );
    ask(
        &["list-size"],
        2,
        &["is made of extracts, and none are given"],
    );
    ask(
        &["list-size", "--with", "epd=x.csv"],
        2,
        &["takes no `epd`", "nothing but stores"],
    );
    ask(
        &["prescribing-budget", "--with", "list=list.csv"],
        2,
        &["needs English Prescribing Data", "--with epd=PATH"],
    );
    let list = ["prescribing-units", "--with", "list=list.csv"];
    ask(&list, 2, &["--as-at"]);
    ask(
        &[&list[..], &["--as-at", "2025-01-01"]].concat(),
        2,
        &["with -o"],
    );
    ask(
        &[&list[..], &["--with", "list=list.csv"]].concat(),
        2,
        &["given twice"],
    );
    ask(
        &["list-size", "--store", ".", "--store", "./"],
        2,
        &["given twice"],
    );
    ask(
        &[&list[..], &["--store", "store"]].concat(),
        2,
        &["nobody is counted twice"],
    );
    ask(
        &[
            "prescribing-units",
            "--with",
            "list=other.csv",
            "--as-at",
            "2025-01-01",
            "-o",
            "out",
        ],
        2,
        &["other.csv has none of the columns"],
    );
    ask(
        &[
            "membership",
            "--with",
            "list=list.csv",
            "--as-at",
            "2025-01-01",
            "-o",
            "out",
        ],
        2,
        &["no reference data"],
    );
    ask(
        &[
            "list-size",
            "--store",
            "nowhere",
            "--as-at",
            "2025-01-01",
            "-o",
            "out",
        ],
        2,
        &["nowhere"],
    );
    assert!(!folder.join("out").exists());
    ask(
        &[&list[..], &["--as-at", "2025-01-01", "-o", "out"]].concat(),
        0,
        &["0 rows"],
    );
    ask(
        &[&list[..], &["--as-at", "2025-01-01", "-o", "out"]].concat(),
        2,
        &["is there already"],
    );
}
