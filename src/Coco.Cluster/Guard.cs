using System.Runtime.CompilerServices;

namespace Coco.Cluster;

/// <summary>Checks of options, so that a wrong value is reported where it is set.</summary>
internal static class Guard
{
    public static T InRange<T>(T value, T least, T most, [CallerMemberName] string name = "")
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}.");
        }
        return value;
    }
}
