//! Measures the cost of the library; see `README.md` next to this folder for what is measured and
//! how.

mod account;
mod apps;
mod arguments;
mod base64url;
mod callgrind;
mod codec;
mod guards;
mod honesty;
mod lengths;
mod machine;
mod measure;
mod origin;
mod parts;
mod payload;
mod print;
mod report;
#[cfg(feature = "revocation")]
mod revocation;
mod routes;
mod scaling;
mod serve;
mod target;
mod within;

use std::{fs, path::Path, process::ExitCode, rc::Rc};

use self::{
    apps::Contender,
    arguments::{Arguments, Task},
    target::Target,
};

#[actix_web::main]
async fn main() -> ExitCode {
    let result = match Arguments::from_env() {
        Ok(arguments) => run(arguments).await,
        Err(err) => Err(err.to_string()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("{err}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    match arguments.task {
        Task::Help => print!("{}", arguments::HELP),
        Task::List => callgrind::names().for_each(|name| println!("{name}")),
        Task::Check => drop(checked().await?),
        Task::Serve(contender) => serve::serve(contender, arguments.port).await?,
        Task::Callgrind(name) => callgrind::run(&name, arguments.iterations).await?,
        Task::Measure => measure(arguments.rounds, &arguments.json).await?,
    }
    Ok(())
}

/// Everything that is measured, after a check that it works correctly.
struct Checked {
    targets: Vec<Rc<Target>>,
    many: Rc<Target>,
}

async fn checked() -> Result<Checked, String> {
    let mut targets = Vec::new();
    for contender in Contender::ALL {
        targets.push(Rc::new(Target::new(*contender).await));
    }
    let many = scaling::many_sessions().await;
    for target in targets.iter().chain([&many]) {
        honesty::check(target).await?;
    }
    parts::check()?;
    codec::check()?;
    Ok(Checked { targets, many })
}

async fn measure(rounds: usize, json: &Path) -> Result<(), String> {
    let machine = machine::describe();
    let Checked { targets, many } = checked().await?;
    let mut cases = routes::cases(&targets);
    cases.extend(parts::cases());
    cases.extend(within::cases().await?);
    cases.extend(codec::cases());
    cases.extend(base64url::cases());
    cases.extend(scaling::cases(&targets, &many));
    cases.extend(origin::cases());
    cases.extend(guards::cases());
    #[cfg(feature = "revocation")]
    cases.extend(revocation::cases());
    let freshen = async || {
        for target in targets.iter().chain([&many]) {
            target.freshen().await?;
        }
        Ok(())
    };
    let measured = measure::measure(cases, rounds, freshen).await?;
    // The checks must still pass after the measurements.
    for target in targets.iter().chain([&many]) {
        honesty::check(target).await?;
    }
    let report = report::Report::new(machine, rounds, &measured, lengths::lengths().await?);
    let text = serde_json::to_string_pretty(&report).map_err(|err| err.to_string())?;
    if let Some(folder) = json.parent() {
        fs::create_dir_all(folder).map_err(|err| err.to_string())?;
    }
    fs::write(json, text + "\n").map_err(|err| format!("{}: {err}", json.display()))?;
    print::print(&report);
    #[cfg(feature = "revocation")]
    revocation::costs(&measured).print();
    Ok(())
}
