//! A record type: the pattern of its keys, and its further fields.

use super::{Faults, build::at};
use crate::{
    model::{
        condition,
        context::{ContextType, FieldType},
    },
    store::TypeRow,
};

pub(super) fn context_type(row: TypeRow) -> Result<ContextType, Faults> {
    let place = format!("record type \"{}\"", row.slug);
    let pattern = at(format!("{place}, pattern"), condition::whole(&row.pattern))?;
    let mut fields = Vec::new();
    for field in row.fields {
        let place = format!("{place}, field \"{}\"", field.name);
        let named = field
            .name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !named || field.name.is_empty() || RESERVED.contains(&field.name.as_str()) {
            let fault = "a field is named with letters, digits and _, and not like a word of ours";
            return Err(vec![format!("{place}: {fault} ({})", RESERVED.join(", "))]);
        }
        fields.push(FieldType {
            pattern: at(
                format!("{place}, pattern"),
                condition::whole(&field.pattern),
            )?,
            name: field.name,
            title: field.title,
            required: field.required,
        });
    }
    Ok(ContextType {
        slug: row.slug,
        title: row.title,
        icon: row.icon,
        pattern,
        case: row.case,
        hint: row.hint,
        example: row.example,
        sensitivity: row.sensitivity,
        system: row.system,
        fields,
    })
}

/// Names a template or a link knows already.
const RESERVED: &[&str] = &["key", "inner", "intent", "type", "provider"];
