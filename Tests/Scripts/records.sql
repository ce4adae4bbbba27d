-- All records, with texts as they were written.
SELECT patient_id, mizaj, sex, birth_year FROM patients ORDER BY 1;
SELECT diagnosis_id, patient_id, n.text, s.text, created_at FROM diagnoses d
    JOIN spellings n ON n.spelling_id = d.condition_id JOIN symptom_sets s USING (symptom_set_id) ORDER BY 1;
SELECT diagnosis_id, t.key FROM diagnoses JOIN symptom_set_members USING (symptom_set_id) JOIN terms t USING (term_id)
    ORDER BY 1, 2;
SELECT recommendation_id, diagnosis_id, n.text, created_at FROM recommendations r
    JOIN spellings n ON n.spelling_id = r.herb_id ORDER BY 1;
SELECT feedback_id, recommendation_id, rating, improvement, compliance, side_effects, comment, created_at, deleted_at
    FROM feedback LEFT JOIN feedback_notes USING (feedback_id) ORDER BY 1;
