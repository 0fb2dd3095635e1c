"""A directory large enough that a plan which reads through all of it is seen in its EXPLAIN."""

from sqlalchemy import text

MANY_OTHERS = text("""
    INSERT INTO merchant (id, city_id, version, kind, longitude, latitude, name, street, house_number,
                          postcode, place, district_ids, claimed, closed, source, source_id, source_details,
                          search_text)
    SELECT gen_random_uuid(), city_id, 1, kind, longitude, latitude, name, street, house_number,
           postcode, place, district_ids, claimed, closed, source, 'node/' || number, source_details,
           md5(number::text) || CASE WHEN number % 3 = 0 THEN ' theewinkel' ELSE '' END
    FROM merchant, generate_series(1000, 21000) AS number
""")
"""Beside each merchant there is, 20,000 like it; a third of them is found by "theewinkel"."""
