"""The goal-table assistant: drafting and checking 预算项目绩效目标表.

A guided tour, in the order data flows::

    documents    a file of any format        → Document (located blocks and grids)
    extraction   Document                    → GoalTable, DepartmentGoals and a reading report
    validation   GoalTable                   → findings (failed, or cannot decide)
    corpus       past tables, policies       → records and passages;  store: their vectors in Chroma
    retrieval    a question                  → hits, lexical and vector ranking fused
    drafting     a request + past tables     → Draft: every number with its source, or left open
    answering    a question                  → an answer computed or quoted, cited; or an honest no
    review       a draft + a person          → decisions, a sign-off that breaks when touched
    export       GoalTable                   → the official form
    evaluation   drafters and answerers      → scores with intervals
    cli          all of it on a terminal

Importing the package imports nothing else, so that ``assistant --help`` stays instant.
"""

__version__ = "0.1.0"
