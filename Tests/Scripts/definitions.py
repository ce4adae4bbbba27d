"""Computes random clinics by docs/definitions.md alone, in another language than the project's, and compares what it published.

Usage: definitions.py BINARY FIRST LAST: clinics of these numbers, in the working directory.
"""

import csv
import io
import math
import random
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

BINARY = sys.argv[1]
LEVELS = ["recommendation", "diagnosis", "herb", "condition", "treatment", "cohort", "overall"]
WINDOWS = {"30": 30, "90": 90, "all": 10**6}
HERBS = ["زنجبیل", "زنج\u200cبیل", "زنجبيل", "گل گاوزبان", "گل\u200cگاوزبان", "كاسني", "کاسنی", "سِنبل", "سنبـل", "Mint", " mint ",
         "ＭＩＮＴ", "a|b", "A|B", "a\\b", "x,y", '"q"', "زنج\u200bبیل", "\u200fگل گاوزبان\u200e", "قهوة", "قهوه", "D۳", "d3\ufeff"]
CONDITIONS = ["نفخ", "نفخ ", "سر درد", "سر\u200cدرد", "Cough", "cough", "c|d", "یبوست"]
SYMPTOMS = ["تب", "تبـ", "سرفه", "nausea", "Nausea", "gas", " ", "bloat", "x", "y", "z"]
MIZAJ = ["garm_tar", "garm_khoshk", "sard_tar", "sard_khoshk", "motadel"]


class Patient(NamedTuple):
    mizaj: str
    sex: str
    birth_year: object


class Diagnosis(NamedTuple):
    patient: int
    condition: str
    symptoms: str
    at: datetime


class Recommendation(NamedTuple):
    diagnosis: int
    herb: str
    at: datetime


class Feedback(NamedTuple):
    recommendation: int
    rating: int
    improvement: object
    compliance: str
    at: datetime
    is_deleted: bool


# A clinic


class Clinic:
    """Few names in many spellings, instants around midnight and the change of clocks, gaps between numbers."""

    def __init__(self, number):
        self.random = chance = random.Random(number)
        self.zone = chance.choice(
            ["UTC", "Asia/Tehran", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"])
        self.end = datetime(chance.choice([2011, 2019, 2024]), chance.choice([1, 3, 4, 11, 12]), chance.randint(1, 28),
                            tzinfo=timezone.utc)
        self.as_of = (self.end + timedelta(days=chance.choice([0, -1, -20, 2]))).date()
        self.success_rating = chance.choice([4, 4, 3, 5])
        days = chance.choice([40, 120, 360])
        herbs, conditions = HERBS[:chance.choice([2, 5, 24])], CONDITIONS[:chance.choice([1, 3, 8])]
        symptoms, mizaj = SYMPTOMS[:chance.choice([1, 5, 11])], MIZAJ[:chance.choice([1, 2, 5])]

        def numbers(count):
            return sorted(chance.sample(range(1, count * chance.choice([1, 3]) + 1), count))

        patients = chance.choice([3, 12, 60, 150])
        diagnoses = chance.randint(patients, 2 * patients + 3)
        recommendations = chance.randint(diagnoses, 3 * diagnoses)
        self.patients = {
            number: Patient(chance.choice(mizaj), chance.choice(["", "male", "female"]),
                            chance.choice(["", chance.randint(1930, 2010), 1980]))
            for number in numbers(patients)}
        self.diagnoses = {
            number: Diagnosis(chance.choice(list(self.patients)), chance.choice(conditions),
                              ";".join(chance.choice(symptoms) for _ in range(chance.randint(0, 4))), self.instant(days))
            for number in numbers(diagnoses)}
        self.recommendations = {}
        for number in numbers(recommendations):
            diagnosis = chance.choice(list(self.diagnoses))
            at = self.instant(days) if chance.random() < 0.5 else self.diagnoses[diagnosis].at
            self.recommendations[number] = Recommendation(diagnosis, chance.choice(herbs), at)
        self.feedback = {}
        for number in numbers(recommendations * chance.choice([0, 1, 4])):
            at = self.instant(chance.choice([days, 30]))
            if self.feedback and chance.random() < 0.1:
                at = chance.choice(list(self.feedback.values())).at
            self.feedback[number] = Feedback(
                chance.choice(list(self.recommendations)), chance.randint(1, 5), chance.choice(["", 1, 2, 3, 4, 5]),
                chance.choice(["", "0", "1", "0.5", f"{chance.random():.9f}"]), at, chance.random() < 0.08)

    def instant(self, days):
        if self.random.random() < 0.2:
            return self.end - timedelta(days=self.random.randint(0, 3))
        at = self.end + timedelta(days=self.random.uniform(-days, 3))
        return at.replace(minute=0, second=0, microsecond=0) if self.random.random() < 0.3 else at

    def day(self, at):
        return at.astimezone(ZoneInfo(self.zone)).date()

    def write(self, folder, feedback):
        folder.mkdir()

        def table(name, header, rows):
            with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([header.split(), *rows])

        def shown(at):
            return at.astimezone(timezone(timedelta(minutes=self.random.choice([0, 210, -300])))).isoformat()

        table("patients", "patient_id mizaj_type sex birth_year", ([n, *p] for n, p in self.patients.items()))
        table("diagnoses", "diagnosis_id patient_id condition symptoms created_at",
              ([n, *d[:3], shown(d.at)] for n, d in self.diagnoses.items()))
        table("recommendations", "recommendation_id diagnosis_id herb created_at",
              ([n, *r[:2], shown(r.at)] for n, r in self.recommendations.items()))
        table("feedback", "feedback_id recommendation_id rating symptom_improvement compliance created_at deleted_at",
              ([n, *f[:4], shown(f.at), shown(f.at + timedelta(hours=5)) if f.is_deleted else ""]
               for n, f in feedback.items()))


IGNORABLE = "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200d-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f" \
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
FOLDED = str.maketrans({
    **dict.fromkeys("يىېۍئ", "ی"), **dict.fromkeys("كڪ", "ک"), **dict.fromkeys("ةۀہھەۂۃ", "ه"), **dict.fromkeys("أإٱ", "ا"), "ؤ": "و",
    **{digit: str(value) for digits in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for value, digit in enumerate(digits)}})


def key(name):
    name = unicodedata.normalize("NFKC", re.sub(IGNORABLE, "", name)).lower().translate(FOLDED)
    return re.sub(r"[\u200b\u200c\s]+", " ", re.sub("[\u064b-\u065f\u0670\u0640]", "", name)).strip()


def displayed(name):
    return re.sub(r"^[\u200c\s]+|[\u200c\s]+$", "", re.sub(IGNORABLE, "", name).replace("\u200b", " "))


# The definitions


class Definitions:
    def __init__(self, clinic):
        self.clinic = clinic
        self.cases = {n: f for n, f in clinic.feedback.items() if not f.is_deleted and clinic.day(f.at) <= clinic.as_of}
        self.age = {n: (clinic.as_of - clinic.day(f.at)).days for n, f in self.cases.items()}
        self.name_terms()
        self.grouped = defaultdict(list)
        for number, case in self.cases.items():
            for level, subject in zip(LEVELS, self.subjects(case.recommendation)):
                for window, days in WINDOWS.items():
                    if self.age[number] < days:
                        self.grouped[level, window, subject].append(case)

    def name_terms(self):
        """The spelling that the smallest id has, of what the day sees: nothing dated later changes what is shown."""
        clinic = self.clinic
        given = {n for n, r in clinic.recommendations.items() if clinic.day(r.at) <= clinic.as_of}
        given |= {case.recommendation for case in self.cases.values()}
        made = {n for n, d in clinic.diagnoses.items() if clinic.day(d.at) <= clinic.as_of}
        made |= {clinic.recommendations[n].diagnosis for n in given}
        self.herbs, self.conditions = {}, {}
        for number in sorted(given):
            herb = clinic.recommendations[number].herb
            self.herbs.setdefault(key(herb), displayed(herb))
        for number in sorted(made):
            condition = clinic.diagnoses[number].condition
            self.conditions.setdefault(key(condition), displayed(condition))

    def of(self, recommendation):
        """Diagnosis, patient, and the keys of herb and condition."""
        number, herb, _ = self.clinic.recommendations[recommendation]
        diagnosis = self.clinic.diagnoses[number]
        return number, diagnosis.patient, key(herb), key(diagnosis.condition)

    def subjects(self, recommendation):
        diagnosis, patient, herb, condition = self.of(recommendation)
        herb, condition = self.herbs[herb], self.conditions[condition]
        treatment = f"{escaped(herb)}|{escaped(condition)}"
        mizaj = self.clinic.patients[patient].mizaj
        return [str(recommendation), str(diagnosis), herb, condition, treatment, f"{mizaj}|{treatment}", "all"]

    def successes(self, cases):
        return sum(case.rating >= self.clinic.success_rating for case in cases)

    def effectiveness(self):
        rows = {}
        for level in LEVELS:
            for window in WINDOWS:
                subjects = {s: cases for (l, w, s), cases in self.grouped.items() if (l, w) == (level, window)}
                a, b = self.prior(subjects.values())
                for subject, cases in subjects.items():
                    n, s = len(cases), self.successes(cases)
                    rows[level, subject, window] = [
                        n, s, s / n, min(1, 0.5 + 0.5 * n / 100), *wilson(s, n), (s + a) / (n + a + b),
                        mean([case.rating for case in cases]),
                        mean([case.improvement for case in cases if case.improvement != ""]),
                        mean([float(case.compliance) for case in cases if case.compliance != ""])]
        return rows

    def prior(self, subjects):
        shares = [(self.successes(cases) / len(cases), len(cases)) for cases in subjects if len(cases) >= 5]
        m = mean([share for share, _ in shares])
        if len(shares) < 2 or m in (0, 1):
            return 1, 1
        v = mean([(share - m) ** 2 for share, _ in shares])
        w = mean([m * (1 - m) / n for _, n in shares])
        k = min(1000, max(1, m * (1 - m) / max(v - w, 1e-6) - 1))
        return m * k, (1 - m) * k

    def trends(self):
        rows = {}
        for level in LEVELS:
            tested = []
            for (l, window, subject), cases in self.grouped.items():
                if (l, window) != (level, "90"):
                    continue
                recent = self.grouped.get((level, "30", subject), [])
                n1, s1 = len(recent), self.successes(recent)
                n0, s0 = len(cases) - n1, self.successes(cases) - s1
                r1, r0 = s1 / n1 if n1 else "", s0 / n0 if n0 else ""
                delta = round(r1 - r0, 12) if n1 and n0 else ""
                row = rows[level, subject] = [n1, r1, n0, r0, delta, "insufficient", "", "", ""]
                if n1 >= 5 and n0 >= 5:
                    row[5] = "improving" if delta >= 0.05 else "declining" if delta <= -0.05 else "stable"
                    pooled = (s1 + s0) / (n1 + n0)
                    spread = math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0))
                    row[6] = math.erfc(abs((r1 - r0) / spread) / math.sqrt(2)) if 0 < s1 + s0 < n1 + n0 else 1
                    tested.append(row)
            q = 1
            for place, row in sorted(enumerate(sorted(tested, key=lambda row: row[6]), 1), reverse=True):
                q = min(q, row[6] * len(tested) / place)
                row[7:] = [q, "true" if q <= 0.1 else "false"]
        return rows

    def cohorts(self):
        return {
            subject: [len({self.of(case.recommendation)[1] for case in cases}), len(cases), self.successes(cases),
                      self.successes(cases) / len(cases)]
            for (level, window, subject), cases in self.grouped.items() if (level, window) == ("cohort", "all")}

    def predictions(self):
        clinic, rows = self.clinic, {}
        active = {n for n, d in clinic.diagnoses.items() if 0 <= (clinic.as_of - clinic.day(d.at)).days < 90}
        active |= {self.of(case.recommendation)[0] for n, case in self.cases.items() if self.age[n] < 90}
        scored = defaultdict(list)
        for number, recommendation in clinic.recommendations.items():
            if recommendation.diagnosis in active and clinic.day(recommendation.at) <= clinic.as_of:
                scored[recommendation.diagnosis].append(number)
        newest = self.newest_cases()
        for diagnosis, numbers in scored.items():
            components = {number: self.components(number, newest) for number in numbers}
            for level, factor in [("conservative", 0.85), ("balanced", 1), ("aggressive", 1.15)]:
                places = []
                for number, (historical, samples, basis, similar, patients) in components.items():
                    score = min(1, factor * (0.4 * historical + 0.35 * similar + 0.25 * 0.7))
                    confidence = 0.7 * min(1, samples / 10) + 0.3 * (1 - 0.3 * abs(historical - similar))
                    places.append((-round(score, 9), -round(confidence, 9), number))
                    rows[number, level] = [
                        str(diagnosis), self.herbs[self.of(number)[2]], None, score, confidence,
                        "true" if level != "aggressive" or confidence >= 0.7 - 1e-12 else "false", historical, samples, basis,
                        similar, patients, 0.7]
                for rank, (_, _, number) in enumerate(sorted(places), 1):
                    rows[number, level][2] = rank
        return rows

    def newest_cases(self):
        """By herb, of each patient."""
        newest = defaultdict(dict)
        for number, case in self.cases.items():
            _, patient, herb, _ = self.of(case.recommendation)
            known = newest[herb].get(patient)
            if known is None or (case.at, number) > known[:2]:
                newest[herb][patient] = (case.at, number, case)
        return newest

    def components(self, recommendation, newest):
        _, _, herb, _, treatment, _, _ = self.subjects(recommendation)
        historical, samples, basis = 0.5, 0, "none"
        for level, window, subject in [("treatment", "90", treatment), ("treatment", "all", treatment), ("herb", "90", herb),
                                       ("herb", "all", herb), ("overall", "all", "all")]:
            cases = self.grouped.get((level, window, subject))
            if cases:
                historical, samples, basis = self.successes(cases) / len(cases), len(cases), f"{level}/{window}"
                break
        own = self.of(recommendation)
        nearest = sorted(
            (round(self.distance(own[0], self.clinic.recommendations[case.recommendation].diagnosis), 9), -at.timestamp(),
             patient, self.successes([case]))
            for patient, (at, _, case) in newest[own[2]].items()
            if patient != own[1] and self.clinic.patients[patient].mizaj == self.clinic.patients[own[1]].mizaj)[:20]
        similar = mean([success for *_, success in nearest]) if nearest else historical
        return historical, samples, basis, similar, len(nearest)

    def distance(self, diagnosis, other):
        left, right = self.clinic.diagnoses[diagnosis], self.clinic.diagnoses[other]
        one, two = self.clinic.patients[left.patient], self.clinic.patients[right.patient]
        a, b = ({key(symptom) for symptom in text.split(";")} - {""} for text in (left.symptoms, right.symptoms))
        return ((0 if key(left.condition) == key(right.condition) else 1)
                + (0.5 if "" in (one.birth_year, two.birth_year) else min(abs(one.birth_year - two.birth_year) / 40, 1))
                + (0 if one.sex and one.sex == two.sex else 0.5)
                + (1 - (len(a & b) / len(a | b) if a and b else 0)))


def mean(values):
    return sum(values) / len(values) if values else ""


def wilson(s, n):
    z, p = 1.959963984540054, s / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return [max(0, (middle - half) / (1 + z * z / n)), min(1, (middle + half) / (1 + z * z / n))]


def escaped(name):
    return name.replace("\\", "\\\\").replace("|", "\\|")


# What was published


def published(clinic):
    """Imports and runs it, in every other clinic after a run on some of it that was different."""
    options = ["--database", "clinic.db", "--timezone", clinic.zone, "--success-rating", str(clinic.success_rating)]

    def avicenna(*arguments):
        run = subprocess.run([BINARY, *arguments, *options], capture_output=True, text=True)
        assert run.returncode == 0, f"{arguments}: {run.stderr}"
        return run.stdout

    def nightly(as_of):
        avicenna("run", "nightly", "--only", "effectiveness,trends,cohorts,scores", "--as-of", str(as_of))

    for old in Path(".").glob("clinic*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    if clinic.random.random() < 0.5:
        earlier = {}
        for number, feedback in clinic.feedback.items():
            if clinic.random.random() < 0.7:
                changed = feedback._replace(rating=clinic.random.randint(1, 5), is_deleted=False)
                earlier[number] = changed if clinic.random.random() < 0.2 else feedback
        clinic.write(Path("clinic-before"), earlier)
        avicenna("import", "clinic-before")
        nightly(clinic.as_of - timedelta(days=clinic.random.choice([0, 0, 1, 5])))
    clinic.write(Path("clinic"), clinic.feedback)
    # A random clinic may change more than an import does without being asked.
    avicenna("import", "clinic", "--allow-changes")
    nightly(clinic.as_of)
    return lambda table: list(csv.reader(io.StringIO(avicenna("results", table, "--format", "csv"))))[1:]


def is_same(expected, found):
    try:
        return abs(float(expected) - float(found)) < 2e-9
    except ValueError:
        return expected == found


def compare(number):
    clinic = Clinic(number)
    rows, definitions = published(clinic), Definitions(clinic)
    compared = 0
    for table, expected, found in [
        ("effectiveness", definitions.effectiveness(), {tuple(r[:3]): r[3:] for r in rows("effectiveness")}),
        ("trends", definitions.trends(), {tuple(r[:2]): r[2:] for r in rows("trends")}),
        ("cohorts", definitions.cohorts(),
         {"|".join([r[0], escaped(r[1]), escaped(r[2])]): r[3:] for r in rows("cohorts")}),
        ("predictions", definitions.predictions(),
         {(int(r[1]), r[3]): [r[0], r[2], *r[4:]] for r in rows("predictions")}),
    ]:
        for subject in expected.keys() | found.keys():
            wanted, got = expected.get(subject), found.get(subject)
            assert wanted and got and len(wanted) == len(got) and all(map(is_same, wanted, got)), (
                f"clinic {number} ({clinic.zone}, as of {clinic.as_of}), {table} of {subject}: {wanted} by the definitions, "
                f"{got} published")
        compared += len(expected)
    return compared


print(sum(compare(number) for number in range(int(sys.argv[2]), int(sys.argv[3]) + 1)), "rows agree")
