//! `concord reference`, run as users run it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::path::{Path, PathBuf};

mod ran;

use ran::concord;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reference")
}

/// A fresh folder with the fixtures in it.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("reference")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(path.join("files")).unwrap();
    for entry in fs::read_dir(fixtures()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), path.join("files").join(entry.file_name())).unwrap();
    }
    path
}

#[test]
fn a_folder_is_imported_into_the_users_own_and_shown() {
    let folder = folder("folder");
    let before = concord(&folder, &["reference"]).exits(2);
    assert!(
        before.words().contains("there is no reference data in"),
        "{}",
        before.err
    );

    // The README is no reference data, and lies beside what is.
    let ran = concord(&folder, &["reference", "import", "files"]).exits(0);
    let words = ran.words();
    assert!(
        words.contains("epraccur organisations, CSV 26 25"),
        "{words}"
    );
    assert!(
        words.contains("hscorgrefdata-full organisations, XML 17 9 11"),
        "{words}"
    );
    assert!(
        words.contains("left out: files/README.md is no reference data"),
        "{words}"
    );
    assert!(
        folder
            .join("data/concord/reference/manifest.toml")
            .is_file()
    );

    let shown = concord(&folder, &["reference", "show"]).exits(0).words();
    assert!(shown.contains("onspd postcode directory 10"), "{shown}");
    let again = concord(&folder, &["reference", "import", "files/epraccur.csv"])
        .exits(0)
        .words();
    assert!(
        again.contains("epraccur takes the place of what was imported at 20"),
        "{again}"
    );
    assert!(
        concord(&folder, &["reference"])
            .exits(0)
            .words()
            .contains("onspd")
    );
}

#[test]
fn organisations_and_postcodes_are_shown_as_at_a_date() {
    let folder = folder("as-at");
    let own = ["--reference", "own"];
    concord(&folder, &["reference", "import", "files/*", own[0], own[1]]).exits(0);
    let show = |rest: &[&str]| {
        let mut arguments = vec!["reference", "show"];
        arguments.extend(own);
        arguments.extend(rest);
        concord(&folder, &arguments).exits(0).words()
    };
    let closed = show(&["RLN", "--as-at", "2019-04-01"]);
    assert!(
        closed.contains("on 2019-04-01 closed; in its place R0B SOUTH TYNESIDE AND SUNDERLAND NHS FOUNDATION TRUST"),
        "{closed}"
    );
    let open = show(&["rln", "--as-at", "2019-03-31"]);
    assert!(
        open.contains("on 2019-03-31 in operation operation 2001-04-01 to 2019-03-31"),
        "{open}"
    );
    assert!(!open.contains("successor"), "{open}");
    let practice = show(&["A81633", "--as-at", "2014-01-01"]);
    assert!(
        practice.contains("is commissioned by 00M NHS SOUTH TEES CCG 2013-04-01 to 2020-03-31"),
        "{practice}"
    );
    assert!(!practice.contains("5KM"), "{practice}");
    let ever = show(&["A81633"]);
    assert!(
        ever.contains("5KM MIDDLESBROUGH PCT") && ever.contains("16C"),
        "{ever}"
    );
    let postcode = show(&["sw1a1aa"]);
    assert!(
        postcode.starts_with("SW1A 1AA postcode") && postcode.contains("country E92000001"),
        "{postcode}"
    );
    let ended = show(&["CA13 0BN", "--as-at", "2013-09-01"]);
    assert!(ended.contains("on 2013-09-01 not in use"), "{ended}");
    assert!(show(&["ZZ99 3VZ"]).contains("pseudo postcode, unknown: no fixed abode"));
    assert!(show(&["V81999"]).contains("default code for a practice: practice not known"));
}

#[test]
fn what_cannot_be_done_is_told_and_leaves_what_was_there() {
    let folder = folder("errors");
    concord(&folder, &["reference", "import", "files"]).exits(0);
    let manifest = || fs::read(folder.join("data/concord/reference/manifest.toml")).unwrap();
    let before = manifest();

    let unknown = concord(
        &folder,
        &[
            "reference",
            "import",
            "files/epraccur.csv",
            "files/README.md",
        ],
    )
    .exits(2);
    let words = unknown.words();
    assert!(words.contains("files/README.md is no reference data that is known: it begins with 1 comma-separated value"), "{words}");
    assert!(words.contains("accepted are:"), "{words}");

    let cut = fs::read_to_string(folder.join("files/epraccur.csv")).unwrap();
    fs::write(folder.join("cut.csv"), &cut[..cut.len() - 20]).unwrap();
    let cut = concord(&folder, &["reference", "import", "cut.csv"])
        .exits(3)
        .words();
    assert!(
        cut.contains("cut.csv, line 26:") && cut.contains("nothing was imported"),
        "{cut}"
    );

    concord(&folder, &["reference", "import", "nowhere.csv"]).exits(3);
    concord(&folder, &["reference", "show", "NOTHING"]).exits(2);
    concord(
        &folder,
        &["reference", "show", "RWR", "--as-at", "2019-4-1"],
    )
    .exits(2);
    assert_eq!(manifest(), before);

    let zipped = {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in ["epraccur.csv", "README.md"] {
            zip.start_file(name, zip::write::SimpleFileOptions::default())
                .unwrap();
            std::io::copy(
                &mut fs::File::open(fixtures().join(name)).unwrap(),
                &mut zip,
            )
            .unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    fs::write(folder.join("ods.zip"), zipped).unwrap();
    let zip = concord(
        &folder,
        &["reference", "import", "ods.zip", "--reference", "other"],
    )
    .exits(0)
    .words();
    assert!(
        zip.contains("epraccur organisations, CSV 26")
            && zip.contains("left out: ods.zip/README.md"),
        "{zip}"
    );
}

/// Two versions of one table, with a code that was withdrawn, and rules about practices.
fn visits(folder: &Path) {
    let write = |path: &str, text: &str| {
        let path = folder.join("own").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "codes/visit-kind.csv",
        "code,meaning,valid_from,valid_to,source\n1,At home,,2021-03-31,us\n2,Elsewhere,,,us\n",
    );
    write(
        "elements.csv",
        "name,xml_names,format,code_list,personal,source\nPRACTICE,,,,no,us\nPAYER,,,,no,us\nKIND,,,,no,us\n",
    );
    for (version, in_force) in [
        ("1", "effective_to = \"2021-12-31\""),
        ("2", "effective_from = \"2022-01-01\""),
    ] {
        write(
            &format!("visits/{version}/standard.toml"),
            &format!(
                "id = \"visits\"\nversion = \"{version}\"\ntitle = \"Visits\"\npublisher = \"us\"\nstatus = \"current\"\n{in_force}\n\
                 carrier = \"delimited\"\nsource = \"made up\"\nprovenance = \"made up\"\n[recognise]\nheader = true\n\
                 [[table]]\nname = \"visits\"\ntitle = \"Visits\"\nheader = \"required\"\ndelimiters = [\",\"]\n"
            ),
        );
        write(
            &format!("visits/{version}/fields.csv"),
            "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n\
             visits,1,PRACTICE,PRACTICE,VISIT,M,max an6,,,,,,,us,published\n\
             visits,2,PAYER,PAYER,VISIT,M,max an5,,,,,,,us,published\n\
             visits,3,KIND,KIND,VISIT,M,an1,visit-kind,,,,,,us,published\n",
        );
        write(
            &format!("visits/{version}/rules.toml"),
            r#"
[[rule]]
id = "V-PRACTICE"
title = "the practice is open"
effect = "warn"
exists = { elements = ["PRACTICE"], table = "practice", columns = ["code"] }
message = "{value} is no practice that is open"
source = "us"
pass = [{ PRACTICE = "A1", practice = [{ code = "A1" }] }]
fail = [{ PRACTICE = "A1", practice = [{ code = "A2" }] }]

[[rule]]
id = "V-PAYER"
title = "the practice is commissioned by the payer"
effect = "warn"
exists = { elements = ["PRACTICE", "PAYER"], table = "practice", columns = ["code", "commissioner"] }
place = "PAYER"
message = "{PAYER} does not commission {PRACTICE}"
source = "us"
pass = [{ PRACTICE = "A1", PAYER = "00K", practice = [{ code = "A1", commissioner = "00K" }] }]
fail = [{ PRACTICE = "A1", PAYER = "00P", practice = [{ code = "A1", commissioner = "00K" }, { code = "A2", commissioner = "00P" }] }]
"#,
        );
    }
    // Beechwood, which closed on 31 March 2022.
    fs::write(
        folder.join("visits.csv"),
        "PRACTICE,PAYER,KIND\nA82048,01H,1\n",
    )
    .unwrap();
    fs::write(
        folder.join("other.csv"),
        "PRACTICE,PAYER,KIND\nA82048,01K,2\n",
    )
    .unwrap();
}

#[test]
fn a_run_is_judged_as_at_a_day() {
    let folder = folder("judged");
    visits(&folder);
    concord(&folder, &["reference", "import", "files/epraccur.csv"]).exits(0);
    let own = ["--schemas", "own"];
    for command in ["lint", "test"] {
        concord(
            &folder,
            &[&["standards", command, "visits@1"], &own[..]].concat(),
        )
        .exits(0);
    }
    let check = |file: &str, code: i32, more: &[&str]| {
        let fixed = ["check", file, "--format", "concise", "--fail-on", "warn"];
        concord(&folder, &[&fixed[..], &own, more].concat())
            .exits(code)
            .words()
    };
    // Without a day it is the newest version, and whatever was ever so is taken.
    let newest = check("visits.csv", 0, &[]);
    assert!(!newest.contains("in force"), "{newest}");

    let then = check("visits.csv", 0, &["--as-at", "2021-03-31"]);
    assert!(
        then.contains("1 accepted") && !then.contains("in force"),
        "{then}"
    );
    // The code was withdrawn; the practice was open.
    let withdrawn = check("visits.csv", 1, &["--as-at", "2021-04-01"]);
    assert!(
        withdrawn.contains("VALUE-CODE") && !withdrawn.contains("V-PRA"),
        "{withdrawn}"
    );
    let closed = check("visits.csv", 1, &["--as-at", "2022-04-01"]);
    for rule in ["VALUE-CODE", "V-PRACTICE", "V-PAYER"] {
        assert!(closed.contains(rule), "{rule}: {closed}");
    }
    // The second version is in force then, and the first is not.
    let first = check(
        "other.csv",
        1,
        &["--as-at", "2022-03-31", "--standard", "visits@1"],
    );
    assert!(
        first.contains("visits@1 is not in force on 2022-03-31, but to 2021-12-31"),
        "{first}"
    );
    assert!(
        first.contains("V-PAYER") && !first.contains("V-PRACTICE"),
        "{first}"
    );
    let report = [
        "check",
        "other.csv",
        "--format",
        "json",
        "--as-at",
        "2020-01-01",
        "--standard",
        "visits@2",
    ];
    let report = concord(&folder, &[&report[..], &own].concat()).exits(0);
    let report: serde_json::Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!(report["summary"]["notices"][0]["kind"], "not-in-force");
    check("other.csv", 2, &["--as-at", "2022-02-30"]);
}

#[test]
fn columns_that_reference_data_lack_are_underlined_without_any_data() {
    let folder = folder("columns");
    visits(&folder);
    let path = folder.join("own/visits/1/rules.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace(
            "[\"code\", \"commissioner\"]",
            "[\"code\", \"comissioner\"]",
        ),
    )
    .unwrap();
    let lint = ["standards", "lint", "visits@1", "--schemas", "own"];
    let told = concord(&folder, &lint).exits(2);
    let words = told.words();
    assert!(
        words.contains("V-PAYER: the table `practice` has no column `comissioner`"),
        "{words}"
    );
    assert!(words.contains("did you mean `commissioner`"), "{words}");
    assert!(words.contains("visits/1/rules.toml:16:"), "{words}");
}
