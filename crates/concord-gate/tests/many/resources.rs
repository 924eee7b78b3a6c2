//! Changes of FHIR resources, one by one, with resources that show them.

use concord_gate::change::{Certainty, Whom};
use concord_gate::subject::Subject;
use concord_standards::resources::Element;

use crate::checker::proved;
use crate::support::many::resources;
use crate::support::{compared, lines, load, shipped};

fn elements(rows: &str) -> Subject {
    resources(&[(
        "elements.csv",
        &format!("type,element,min,max,data_type,targets,codes\n{rows}"),
    )])
}

#[track_caller]
fn expect(old: &Subject, new: &Subject, expected: &[&str]) {
    let comparison = proved(old, new);
    let why: Vec<&str> = comparison
        .changes
        .iter()
        .flat_map(|change| &change.breaks)
        .map(|breaks| &*breaks.why)
        .collect();
    assert_eq!(lines(&comparison), expected, "{why:#?}");
}

#[test]
fn elements_by_path() {
    let note = elements("Person,note,0,1,string,,\n");
    let none = elements("");
    expect(
        &none,
        &note,
        &["ELEMENT-ADDED Person.note [receiver proved]"],
    );
    expect(
        &note,
        &none,
        &["ELEMENT-REMOVED Person.note [submitter proved]"],
    );
    let must = elements("Person,note,1,1,string,,\n");
    expect(
        &none,
        &must,
        &["ELEMENT-ADDED-MANDATORY Person.note [submitter proved, receiver decided]"],
    );
    expect(
        &note,
        &must,
        &["ELEMENT-MADE-MANDATORY Person.note [submitter proved]"],
    );
    expect(
        &must,
        &note,
        &["ELEMENT-MADE-OPTIONAL Person.note [receiver proved]"],
    );
    let many = elements("Person,note,0,*,string,,\n");
    expect(
        &note,
        &many,
        &["ELEMENT-ARRAY-CHANGED Person.note [submitter proved, receiver decided]"],
    );
    let below = elements("Person.part,number,0,1,integer,,\n");
    expect(
        &none,
        &below,
        &["ELEMENT-ADDED Person.part.number [receiver proved]"],
    );
    // What all resources have is told where it is stated.
    let all = elements("Resource,language,0,1,code,,\n");
    expect(
        &none,
        &all,
        &["ELEMENT-ADDED Resource.language [receiver proved]"],
    );
    let other = elements("Person,remark,0,1,string,,status\n");
    let coded = elements("Person,note,0,1,string,,status\n");
    expect(
        &coded,
        &other,
        &["ELEMENT-RENAMED Person.remark [submitter proved, receiver decided]"],
    );
}

#[test]
fn types_targets_and_codes() {
    let choice = |types: &str| elements(&format!("Person,value[x],0,1,{types},,\n"));
    expect(
        &choice("string|integer"),
        &choice("string|code"),
        &["ELEMENT-TYPES-CHANGED Person.value[x] [submitter proved, receiver decided]"],
    );
    let one = |kind: &str| elements(&format!("Person,value,0,1,{kind},,\n"));
    expect(
        &one("string"),
        &one("code"),
        &["ELEMENT-TYPES-CHANGED Person.value [submitter proved, receiver unknown]"],
    );
    expect(
        &one("string"),
        &one("integer"),
        &["ELEMENT-TYPES-CHANGED Person.value [submitter proved, receiver decided]"],
    );
    let refers = |targets: &str| elements(&format!("Person,manager,0,1,Reference,{targets},\n"));
    expect(
        &refers("Person|Group"),
        &refers("Person"),
        &["REFERENCE-TARGETS-CHANGED Person.manager [submitter decided]"],
    );
    expect(
        &refers("Person"),
        &refers(""),
        &["REFERENCE-TARGETS-CHANGED Person.manager [receiver decided]"],
    );
    let codes = |rows: &str| resources(&[("codes.csv", &format!("list,code,meaning\n{rows}"))]);
    expect(
        &codes("status,active,Active\nstatus,gone,Gone\n"),
        &codes("status,active,In force\nstatus,new,New\n"),
        &[
            "CODE-REWORDED status active [meaning decided]",
            "CODE-ADDED status new [receiver proved]",
            "CODE-WITHDRAWN status gone [submitter proved]",
        ],
    );
}

#[test]
fn resources_that_come_and_go() {
    let visit = resources(&[(
        "types.csv",
        "type,kind,base\nVisit,resource,Resource\nVisit.part,group,Element\n",
    )]);
    let none = resources(&[]);
    expect(&none, &visit, &["TYPE-ADDED Visit [receiver proved]"]);
    expect(&visit, &none, &["TYPE-REMOVED Visit [submitter proved]"]);
}

/// An element of the shipped standard edited: that is found, and nothing else.
#[test]
fn every_edit_of_the_shipped_resources_is_found() {
    let files = shipped();
    let base = load(&files, "fhir/4-0-1");
    let edited = |of: &str, element: &str, edit: &dyn Fn(&mut Element)| {
        let mut new = base.clone();
        let all = base.definition.resources.as_ref().expect("resources");
        let found = all.narrowed(|known, one| {
            if &*known.name == of && &*one.name == element {
                edit(one);
            }
        });
        new.definition.resources = Some(found);
        new
    };
    let required = |element: &mut Element| element.required = true;
    for (of, element) in [
        ("Encounter", "period"),
        ("Patient", "birthDate"),
        ("Encounter.location", "status"),
    ] {
        let new = edited(of, element, &required);
        let there = proved(&base, &new);
        assert_eq!(
            lines(&there),
            [format!(
                "ELEMENT-MADE-MANDATORY {of}.{element} [submitter proved]"
            )],
        );
        let back = compared(&new, &base);
        assert_eq!(
            lines(&back),
            [format!(
                "ELEMENT-MADE-OPTIONAL {of}.{element} [receiver decided]"
            )],
        );
    }
    let comparison = proved(
        &base,
        &edited("Encounter", "status", &|element| element.codes = None),
    );
    assert_eq!(
        lines(&comparison),
        ["CODE-LIST-CHANGED Encounter.status [receiver proved]"]
    );
    let unknown = |change: &concord_gate::change::Change| {
        change
            .breaks
            .iter()
            .any(|breaks| breaks.whom == Whom::Receiver && breaks.certainty == Certainty::Unknown)
    };
    assert!(!comparison.changes.iter().any(unknown));
}
