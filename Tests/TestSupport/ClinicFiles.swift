/// The four files of a small clinic that is imported without a reject.
public enum ClinicFiles {
    /// Text by file name: two patients, a diagnosis, a recommendation, and two feedbacks, one of them withdrawn.
    public static let sound = [
        "patients.csv": "patient_id,mizaj_type,sex,birth_year\n1,garm_tar,female,1990\n2,motadel,,\n",
        "diagnoses.csv":
            "diagnosis_id,patient_id,condition,symptoms,created_at\n1,1,بی‌خوابی,سردرد;خستگی,2026-01-01T10:00:00+03:30\n",
        "recommendations.csv": "recommendation_id,diagnosis_id,herb,created_at\n1,1,زعفران,2026-01-01T10:05:00+03:30\n",
        "feedback.csv": #"""
        feedback_id,recommendation_id,rating,symptom_improvement,compliance,side_effects,comment,created_at,deleted_at
        1,1,5,4,0.75,تهوع;سردرد,"خوب، ""عالی""",2026-02-01T10:00:00Z,
        2,1,4.0,,,,,2026-02-02T10:00:00Z,2026-02-03T10:00:00Z

        """#,
    ]
}
