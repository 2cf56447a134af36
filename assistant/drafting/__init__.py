"""Drafting: a request becomes a goal table with the source of every number.

In reading order::

    request       options and sentence → Request;  naming, amounts, spoken: its fields;  wording, phrases, lexicon: the language
    facts         the figures given;  kinds: the project type of a phrase;  components: one use of money with people, unit, type
    uses          a statement of use taken apart, figures given to each use;  parts: uses that only the counts of a request name
    matching      last year's table of the same project
    sheet         cells that cannot be written without origin;  heading, goals: what stands above the rows
    project       what every row needs to know of the project, 依据 of a row
    continuing    last year's rows carried, rescaled, left out;  renewal: one row of them
    new           rows of a new project;  suggestions: library rows fitted to it;  given: a row for every figure given
    definitions   绩效指标描述 of a row
    known         earlier answers, standards already paid, what policies say of open ones
    arithmetic    quantity × unit cost against the budget, contradictions
    embedded      draft(request, corpus): all of it together
    generated     the same with a model;  material, grounding, merging, proposal
    batch         many projects;  narrative: part 1 of a department's text;  saving: what is kept on disk
"""
