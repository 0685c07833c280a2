namespace Coco.Cli.Daemon;

/// <summary>Whether there is room to store what is asked for: a store that a full disk keeps from writing tries again, and the one who asked would wait.</summary>
internal static class Room
{
    // Chosen: what one act writes, several times over.
    private const long Least = 256 << 10;

    /// <exception cref="ApiException">There is none.</exception>
    public static void Require(Places places)
    {
        if (FreeOn(places.State) < Least)
        {
            throw new ApiException("disk-full", $"The disk with {places.State} is full, and nothing was changed. Free some space, then try again.");
        }
    }

    private static long FreeOn(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue; // what the system does not tell keeps nobody from trying
        }
    }
}
