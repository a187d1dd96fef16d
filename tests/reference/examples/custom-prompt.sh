-F "summarize=You are a medical call quality analyst. \
Score this call on: 1) empathy (0-10), \
2) medical history completeness, 3) HIPAA compliance. \
Return JSON with scores and recommendations."

# The LLM receives your prompt + every segment with
# emotion, intent, behavior, age, gender, role labels.
