//! `systems.csv`, beside the releases of FHIR: what identifiers, codes and ids must be, by the address of their system or profile.
//!
//! ```text
//! of                 must_be
//! identifier         a form: nhs-number, ods-code, or n12 for twelve digits
//! code               the code list in codes/ that holds all codes of the system
//! id                 a form; the address is that of a profile, and it is about resources that claim it
//! contained-version  nothing; resources that claim the profile have a version where they are contained
//! ```

use super::csv_rows::rows;
use super::load::{Loading, join};
use super::problem::nearest;
use super::standard::StandardInfo;
use crate::resources::{Form, Systems};

const COLUMNS: [&str; 4] = ["system", "of", "must_be", "source"];

/// Reads the systems that the releases of a standard share; there may be none. Problems go to `loading`.
pub(super) fn load(info: &StandardInfo, loading: &mut Loading<'_>) -> Systems {
    let path = join(&info.folder, "../systems.csv");
    let mut systems = Systems::default();
    if loading.source().read(&path).is_err() {
        return systems;
    }
    let Some(text) = loading.open(&path) else {
        return systems;
    };
    let mut problems = Vec::new();
    for row in rows(&text, COLUMNS, &mut problems) {
        let [system, of, must_be, _] = &row.cells;
        let twice = match &**of {
            "code" => {
                if let Some(list) = loading.code_list(must_be) {
                    systems.codes.insert((&**system).into(), list).is_some()
                } else {
                    let known = loading.code_list_ids();
                    let near = nearest(must_be, known.iter().map(String::as_str));
                    let help = near.map(|near| format!("did you mean `{near}`?"));
                    let message = format!("there is no code list `{must_be}`");
                    loading.problems.push(row.problem(&text, 2, message, help));
                    false
                }
            }
            "identifier" | "id" => {
                let Some(form) = Form::named(must_be) else {
                    let message = format!("`{must_be}` is no form");
                    let help = "forms are nhs-number, ods-code, and n12 for twelve digits";
                    loading
                        .problems
                        .push(row.problem(&text, 2, message, Some(help.to_owned())));
                    continue;
                };
                let forms = if of == "id" {
                    &mut systems.ids
                } else {
                    &mut systems.identifiers
                };
                forms.insert((&**system).into(), form).is_some()
            }
            "contained-version" if must_be.is_empty() => {
                systems.versioned.push((&**system).into());
                false
            }
            _ => {
                let message = format!("`{of}` is not what a system can be of");
                let help = "identifier, code, id, or contained-version with nothing behind it";
                loading
                    .problems
                    .push(row.problem(&text, 1, message, Some(help.to_owned())));
                false
            }
        };
        if twice {
            let message = format!("`{system}` stands twice");
            loading.problems.push(row.problem(&text, 0, message, None));
        }
    }
    loading.problems.append(&mut problems);
    systems
}
