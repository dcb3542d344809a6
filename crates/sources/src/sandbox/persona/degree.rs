//! What the sandbox's CHSI has on a persona: the degrees, which fit age and work.

use domain::dataset::degree::{DegreeData, Record};
use domain::identity::Sex;
use domain::time::{Day, Timestamp};

use super::Persona;
use super::work::LEVELS;

/// `count` degrees, the highest first: 0, 1 or 2. Somebody without one whose record is asked for
/// studies part-time (开放教育).
pub fn degree_data(persona: &Persona, count: usize, now: Timestamp) -> DegreeData {
    let highest = persona.work.level.max(1);
    let levels = [highest, if highest > 1 { highest - 1 } else { highest }];
    let education = levels.iter().enumerate().take(count);
    DegreeData {
        education: education.map(|(at, level)| record(persona, *level, at, now)).collect(),
    }
}

fn record(persona: &Persona, level: usize, index: usize, now: Timestamp) -> Record {
    let mut draws = persona.draws("degree", index as i32);
    let (entry_age, years) = [(0, 0), (18, 3), (18, 4), (22, 3)][level];
    let is_regular = persona.work.level > 0 && index == 0 || persona.work.level > 1;
    // A second course on the same level, and one beside work, begin later.
    let entry_age = if is_regular { entry_age } else { entry_age + 6 + index as i32 };
    let birth_year = persona.person.id_card.birth().civil().0;
    let entry_year = birth_year + entry_age;
    let school = draws.pick(&["合成理工大学", "合成师范大学", "合成财经大学", "合成农业大学"]);
    let major = draws.pick(&["计算机科学与技术", "会计学", "土木工程", "汉语言文学", "护理学"]);
    let end = Day::from_civil(entry_year + years, 6, 30).filter(|end| *end <= now.shanghai_day());
    let serial = draws.below(1_000_000);
    Record {
        real_name: persona.person.name.expose().to_owned(),
        sex: if persona.person.id_card.sex() == Sex::Male { "男" } else { "女" }.to_owned(),
        date_birth: Some(persona.person.id_card.birth()),
        nation: "汉族".to_owned(),
        id_card: persona.person.id_card.expose().to_owned(),
        academy_name: school.to_owned(),
        academic_level: LEVELS[level].to_owned(),
        major_name: major.to_owned(),
        length_school: years.to_string(),
        education_background: if level == 3 { "研究生" } else { "普通高等教育" }.to_owned(),
        learning_form: if is_regular { "全日制" } else { "开放教育" }.to_owned(),
        series: format!("合成{major}系"),
        class: format!("{entry_year}级{}班", 1 + draws.below(6)),
        student_number: format!("{entry_year}{serial:06}"),
        date_enrollment: Day::from_civil(entry_year, 9, 1),
        date_graduation: end,
        school_status: if end.is_some() { "毕业" } else { "注册学籍" }.to_owned(),
        exam_number: format!("00{serial:08}"),
        branch_courts: String::new(),
        education_type: if is_regular { "普通" } else { "成人" }.to_owned(),
    }
}
