namespace Coco.Cli.Demo.Claims;

/// <summary>Something the demo claims turned out not to hold. The message says what.</summary>
internal sealed class DemoFailedException(string message) : Exception(message);
