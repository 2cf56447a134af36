"""Drafting: a request becomes a goal table with the source of every number.

In reading order::

    request       options and sentence → Request;  office, naming, amounts, spoken: its fields;  wording, phrases, lexicon: the language
    facts         the figures given;  components: uses of money, each with people, unit, project type
    matching      last year's table of the same project
    sheet         cells that cannot be written without origin;  heading, goals: what stands above the rows
    continuing    last year's rows carried, rescaled, left out;  renewal: one row of them
    project       what every row needs to know of the project;  bases: 依据 of a row
    new           rows of a new project;  suggestions: library rows fitted to it;  given: rows of figures no library row asks for
    hints         what policies say of open standards
    arithmetic    quantity × unit cost against the budget, contradictions
    embedded      draft(request, corpus): all of it together
    generated     the same with a model;  material, grounding, merging, proposal
    batch         many projects;  narrative: part 1 of a department's text;  saving, memory: what is kept on disk
"""
