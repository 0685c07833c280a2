namespace Coco.Benchmarks.Mesh;

/// <summary>What a start of all nodes at once took.</summary>
/// <param name="Reached">Time until every node said that it reaches every other.</param>
/// <param name="Processor">Processor time of the whole process until then.</param>
/// <param name="BytesOfEach">Bytes a node sent until then, in UDP payload.</param>
/// <param name="IdlePacketsOfEach">Packets a second that a node sent once all was quiet.</param>
/// <param name="IdleBytesPerHourOfEach">The same in bytes an hour.</param>
/// <param name="ManagedOfEach">Bytes of managed memory a node takes.</param>
/// <param name="ResidentOfEach">Bytes of resident memory a node takes.</param>
internal sealed record MeshFigures(
    TimeSpan Reached, TimeSpan Processor, double BytesOfEach, double IdlePacketsOfEach, double IdleBytesPerHourOfEach, double ManagedOfEach, double ResidentOfEach);
