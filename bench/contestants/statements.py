"""What a contestant that handles one event at a time does in the database; ours does the same for many."""

INBOX = """
    INSERT INTO inbox (event_id, consumer) VALUES (:id, :consumer)
    ON CONFLICT DO NOTHING RETURNING event_id
"""
CONTRIBUTION = """
    INSERT INTO audience_contribution_blue
        (merchant_id, contribution_id, city_id, kind, day, withdrawn, standing_version, removed)
    VALUES (:merchant, :contribution, :city, :kind, :day, false, 0, false) ON CONFLICT DO NOTHING
"""
FIGURE = """
    INSERT INTO audience_day_blue AS known (merchant_id, day, kind, city_id, count)
    VALUES (:merchant, :day, :kind, :city, 1)
    ON CONFLICT (merchant_id, day, kind) DO UPDATE SET count = known.count + EXCLUDED.count
"""
