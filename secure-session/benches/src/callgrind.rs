//! One case, so many times: what `callgrind.py` counts the instructions of.

use crate::{
    apps::{Contender, Route},
    honesty,
    target::Target,
};

/// `contender/route`.
pub fn parse(name: &str) -> Result<(Contender, Route), String> {
    let (contender, route) = (name.split_once('/')).ok_or("a case is contender/route")?;
    Ok((contender.parse()?, route.parse()?))
}

pub fn names() -> impl Iterator<Item = String> {
    (Contender::ALL.iter()).flat_map(|contender| {
        (Route::ALL.iter()).map(move |route| crate::routes::name(*contender, *route))
    })
}

/// The requests are made within; their cost is that of `bare`, too.
pub async fn run(contender: Contender, route: Route, iterations: u32) -> Result<(), String> {
    let target = Target::new(contender).await;
    honesty::check(&target).await?;
    let cookies = target.cookies(route, 0);
    target.time(route.path(), &cookies, iterations).await;
    Ok(())
}
