using System.Runtime.CompilerServices;

namespace Coco.Mqtt;

/// <summary>Checks of options.</summary>
internal static class Guard
{
    public static T InRange<T>(T value, T low, T high, [CallerMemberName] string name = "")
        where T : IComparable<T> => value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {low} to {high}.");
}
