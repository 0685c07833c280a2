namespace Coco.Cluster.Grants;

/// <summary>A part of the week by the wall clock. It begins on each of the days; an end that is not after the start is on the day that follows.</summary>
/// <param name="Days">Bit 0 Monday to bit 6 Sunday.</param>
/// <param name="StartMinute">Minutes since midnight, 0 to 1,439.</param>
/// <param name="EndMinute">Minutes since midnight, 1 to 1,440, not included.</param>
public readonly record struct ScheduleWindow(byte Days, int StartMinute, int EndMinute)
{
    internal bool IsValid => Days is > 0 and < 128 && StartMinute is >= 0 and < 1440 && EndMinute is > 0 and <= 1440;

    // day: 0 Monday to 6 Sunday
    internal bool Contains(int day, int minute)
    {
        if (StartMinute < EndMinute) { return IsOn(day) && minute >= StartMinute && minute < EndMinute; }
        return (IsOn(day) && minute >= StartMinute) || (IsOn((day + 6) % 7) && minute < EndMinute);
    }

    private bool IsOn(int day) => (Days & (1 << day)) != 0;
}
