//! An instance's settings in a seed: each secret among them is given plainly, by a file or by a
//! variable, and is stored apart from the others.

use serde_json::Value;
use zeroize::Zeroizing;

use super::secret;
use crate::{
    handoff::secret::{SplitSettings, fields},
    kind::{Field, Settings},
};

/// Separates the secrets of the hand-off `method`, read from where the file refers to.
pub(super) fn apart(method: &str, written: &Settings) -> Result<SplitSettings, String> {
    let fields = fields(method);
    let mut settings = written.clone();
    for field in fields.iter().filter(|field| field.secret) {
        if let Some(text) = read(field, &mut settings)? {
            let text = Value::String(text.to_string());
            settings.insert(field.name.to_owned(), text);
        }
    }
    Ok(SplitSettings::of(fields, settings))
}

/// The secret, removed from the settings; `None` if the seed does not mention it.
fn read(field: &Field, settings: &mut Settings) -> Result<Option<Zeroizing<String>>, String> {
    let mut take = |ending: &str| {
        let name = format!("{}{ending}", field.name);
        match settings.remove(&name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(Zeroizing::new(text))),
            // The value might be the secret: it is not shown.
            Some(_) => Err(format!("the setting \"{name}\" must be a text")),
        }
    };
    let (plain, file, variable) = (take("")?, take("_file")?, take("_env")?);
    if plain.is_none() && file.is_none() && variable.is_none() {
        return Ok(None);
    }
    let (file, variable) = (file.as_deref(), variable.as_deref());
    secret(
        plain,
        file.map(String::as_str),
        variable.map(String::as_str),
    )
    .map(Some)
    .map_err(|fault| format!("{}: {fault}", field.name))
}
