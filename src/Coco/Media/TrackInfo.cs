namespace Coco.Media;

/// <summary>A track of a stream.</summary>
/// <param name="Name">What it is called, a label.</param>
/// <param name="Priority">How important its objects are: 0 the most.</param>
/// <param name="Deadline">How old an object may become on its way.</param>
/// <param name="IsDependent">Whether objects need those before them in their group.</param>
public sealed record TrackInfo(string Name, byte Priority, TimeSpan Deadline, bool IsDependent);
