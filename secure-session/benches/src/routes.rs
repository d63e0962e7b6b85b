//! The routes of each contender, as cases.

use std::rc::Rc;

use crate::{
    apps::{Contender, Route},
    measure::Case,
    target::Target,
};

pub fn name(contender: Contender, route: Route) -> String {
    format!("{contender}/{}", route.name())
}

/// One route of one contender, with this number of other cookies before its own.
pub fn case(name: String, target: &Rc<Target>, route: Route, others: usize) -> Case {
    let target = Rc::clone(target);
    Case::timed(name, move |count| {
        let target = Rc::clone(&target);
        Box::pin(async move {
            let cookies = target.cookies(route, others);
            target.time(route.path(), &cookies, count).await
        })
    })
}

pub fn cases(targets: &[Rc<Target>]) -> Vec<Case> {
    let mut cases = Vec::new();
    for target in targets {
        for route in Route::ALL {
            cases.push(case(name(target.contender, route), target, route, 0));
        }
    }
    cases
}
