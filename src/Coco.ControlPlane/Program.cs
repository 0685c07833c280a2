using Coco.ControlPlane.Commands;

return await EntryPoint.RunAsync(args, Console.Out, Console.Error);
