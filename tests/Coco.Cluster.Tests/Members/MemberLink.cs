namespace Coco.Cluster.Tests.Members;

/// <summary>A connection between two nodes of the simulation.</summary>
internal sealed class MemberLink(int one, int other)
{
    public int One { get; } = one;

    public int Other { get; } = other;

    /// <summary>Nothing arrives any more, and the ends have not noticed yet.</summary>
    public bool Cut { get; set; }

    public TimeSpan[] LastArrival { get; } = new TimeSpan[2];

    public int Facing(int index) => index == One ? Other : One;
}
