namespace Coco.Messages;

/// <summary>How far a file is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Done">Bytes that are there, those of an earlier attempt included.</param>
/// <param name="Length">Bytes it has.</param>
public readonly record struct FileProgress(string Name, long Done, long Length);
