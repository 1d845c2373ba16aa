//! `usher preview`: this assertion gives these attributes.

use std::{path::Path, process::ExitCode};

use crate::{
    admin::Preview,
    app::App,
    chance::Chance,
    clock::Clock,
    config::Config,
    error::{Error, Result},
    model::condition::Truth,
};

/// Applies a provider's rules to the claims or attributes in a file, and prints the result. Fails
/// if the sign-in would be refused.
pub async fn run(config: Config, provider: &str, file: &Path) -> Result<ExitCode> {
    let invalid = |fault: String| Error::Invalid(format!("{}: {fault}", file.display()));
    let pasted = std::fs::read_to_string(file).map_err(|error| invalid(error.to_string()))?;
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let previewed = app.administration().preview(provider, &pasted);
    app.store.close().await;
    let preview = match previewed {
        Ok(previewed) => previewed.map_err(invalid)?,
        Err(Error::NotFound) => {
            let fault = format!("there is no identity provider \"{provider}\"");
            return Err(Error::Invalid(fault));
        }
        Err(error) => return Err(error),
    };
    print(&preview);
    Ok(if preview.allowed == Truth::Yes {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print(preview: &Preview) {
    let mapped = &preview.mapped;
    for finding in &mapped.findings {
        print_line!("{finding}");
        for dropped in &finding.dropped {
            print_line!("    not used ({}): {}", dropped.why.word(), dropped.value);
        }
    }
    if !mapped.unused.is_empty() {
        print_line!("not used: {}", mapped.unused.join(", "));
    }
    for test in &preview.tests {
        let held = match test.answer {
            Truth::Yes => "met",
            Truth::No => "not met",
            Truth::Unknown => "unknown",
        };
        let had = test.had.join(", ");
        let not = if test.negated { "not " } else { "" };
        print_line!(
            "allow: {not}{} {} {}: {held}, value: \"{had}\"",
            test.attribute,
            test.operator,
            test.wanted
        );
    }
    print_line!(
        "{}",
        match (preview.allowed, preview.creates) {
            (Truth::No, _) => "sign-in would be refused: the condition is not met",
            (Truth::Unknown, _) =>
                "sign-in would be refused: the provider did not send all data for the condition",
            (Truth::Yes, true) => "this user could sign in",
            (Truth::Yes, false) => "this user could sign in if they already have an account",
        }
    );
}
